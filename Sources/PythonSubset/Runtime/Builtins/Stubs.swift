internal import OrderedCollections

enum ObjectMembers { static var all: OrderedDictionary<String, Value> { [:] } }
enum TypeMembers { static var all: OrderedDictionary<String, Value> { [:] } }
enum NoneMembers { static var all: OrderedDictionary<String, Value> { [:] } }
enum NumberMembers {
  static var int: OrderedDictionary<String, Value> { [:] };
  static var bool: OrderedDictionary<String, Value> { [:] };
  static var float: OrderedDictionary<String, Value> { [:] }
}
enum StringMembers { static var all: OrderedDictionary<String, Value> { [:] } }
enum BytesMembers { static var all: OrderedDictionary<String, Value> { [:] } }
enum TupleMembers { static var all: OrderedDictionary<String, Value> { [:] } }
enum ListMembers { static var all: OrderedDictionary<String, Value> { [:] } }
enum DictMembers { static var all: OrderedDictionary<String, Value> { [:] } }
enum SetMembers {
  static var mutable: OrderedDictionary<String, Value> { [:] };
  static var frozen: OrderedDictionary<String, Value> { [:] }
}
enum RangeMembers {
  static var range: OrderedDictionary<String, Value> { [:] };
  static var slice: OrderedDictionary<String, Value> { [:] }
}
enum DescriptorMembers {
  static var property: OrderedDictionary<String, Value> { [:] };
  static var staticMethod: OrderedDictionary<String, Value> { [:] };
  static var classMethod: OrderedDictionary<String, Value> { [:] };
  static var superType: OrderedDictionary<String, Value> { [:] }
}
enum Builtins { static func module() -> PythonModule { PythonModule(name: "builtins") } }
