internal import HTTPClient
internal import JSON

extension KubeObject {
  /// The keys of a ConfigMap or a Secret, sorted.
  public var dataKeys: [String] {
    ["data", "binaryData"].flatMap { Array(self[$0]?.object?.keys ?? []) }.sorted()
  }

  /// What a ConfigMap or a Secret holds under a key; nil where it has no such key.
  public func data(_ key: String) -> [UInt8]? {
    if let text = self["binaryData", key]?.string { return Base64.decode(text) }
    guard let text = self["data", key]?.string else { return nil }
    return kind == "Secret" ? Base64.decode(text) : Array(text.utf8)
  }
}
