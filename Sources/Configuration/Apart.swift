/// Keeps a large value beside what it belongs to. Whatever holds an environment, and whatever holds that
/// again, would have code of its own to copy every part of it; so they copy one reference.
@propertyWrapper
public struct Apart<Value: Sendable>: Sendable {
  private final class Storage: Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
  }

  private var storage: Storage

  /// Keeps a value.
  public init(wrappedValue: Value) { storage = Storage(wrappedValue) }

  /// The value; what had a copy of the one before keeps that.
  public var wrappedValue: Value {
    get { storage.value }
    set { storage = Storage(newValue) }
  }
}
