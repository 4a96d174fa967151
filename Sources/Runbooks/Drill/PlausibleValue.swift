internal import OrderedCollections
internal import Quantities

extension Shape {
  /// A value of the shape that says that all went well.
  func plausible(at moment: Timestamp) -> Value {
    switch self {
    case .any, .optional: .null
    case .bool: true
    case .number: 0
    case .string: "simulated"
    case .timestamp: .timestamp(moment)
    case .duration: .duration(.zero)
    case .array: []
    case .map: [:]
    case .object(let members):
      .object(
        OrderedDictionary(
          uniqueKeysWithValues: members.sorted { $0.key < $1.key }.map {
            ($0.key, $0.value.plausible(at: moment))
          }))
    }
  }
}
