/// What a statement does with the names of its module.
struct NameUse {
  /// Read when the statement runs.
  var reads: Set<String> = []
  /// Read when a function or lambda runs that it defines.
  var deferredReads: Set<String> = []
  /// Bound (or deleted) when it runs.
  var binds: Set<String> = []
  /// Of those, bound by a loop or `with` to what comes by.
  var loopBinds: Set<String> = []
  /// Names whose object it may change in place when it runs.
  var changes: Set<String> = []
  /// Names that a function changes which it defines.
  var deferredChanges: Set<String> = []
  /// Names whose calls returned what is given to something that may change it.
  var returned: Set<String> = []
  /// The same of a function that it defines.
  var deferredReturned: Set<String> = []
  /// Whether it calls anything when it runs.
  var calls = false
}
