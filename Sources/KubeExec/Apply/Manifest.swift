internal import Diagnostics
internal import JSON
internal import OrderedCollections
internal import YAML

/// An object that somebody wants the cluster to have, and where it was written down.
public struct Manifest: Sendable {
  /// The object.
  public var object: KubeObject
  /// `FILE:LINE:COLUMN`.
  public var place: String

  /// Reads all objects of a file of YAML documents or of JSON, those in lists too.
  ///
  /// YAML is read as kubectl reads it, by YAML 1.1: `yes` and `on` are true, `0644` is octal.
  ///
  /// - Parameter allowsGeneratedNames: whether an object may have `generateName` instead of a name,
  ///   which makes a new one each time.
  public static func read(
    _ bytes: [UInt8], file: String, allowsGeneratedNames: Bool = false
  ) throws -> [Manifest] {
    let manifests = try objects(of: bytes, file: file)
    if let nameless = manifests.first(where: { manifest in
      let isGenerated = manifest.object["metadata", "generateName"]?.string != nil
      return manifest.object.name.isEmpty && !(allowsGeneratedNames && isGenerated)
    }) {
      throw KubeError(
        .invalidRequest, "\(nameless.place): the \(nameless.object.kind) has no metadata.name",
        hint: nameless.object["metadata", "generateName"] == nil
          ? nil : "generateName makes a new object each time, which apply cannot do")
    }
    return manifests
  }

  private static func objects(of bytes: [UInt8], file: String) throws -> [Manifest] {
    let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      return try json(bytes, file: file)
    }
    let limits = YAMLLimits(bytes: 64 << 20, depth: 200, nodes: 2_000_000)
    return try YAMLDocument.all(parsing: bytes, file: file, limits: limits).flatMap { document in
      document.root.isNull
        ? [] : try objects(JSON(manifest: document.root), at: "\(document.root.location)")
    }
  }

  private static func json(_ bytes: [UInt8], file: String) throws(KubeError) -> [Manifest] {
    let json: JSON
    do throws(JSONError) {
      json = try JSON(parsing: bytes)
    } catch {
      throw KubeError(.invalidRequest, "\(file): \(error)")
    }
    return try objects(json, at: file)
  }

  private static func objects(_ json: JSON, at place: String) throws(KubeError) -> [Manifest] {
    let object = KubeObject(json)
    guard json.object != nil else {
      throw KubeError(.invalidRequest, "\(place): this is no object of Kubernetes")
    }
    if object.kind.hasSuffix("List"), let items = json["items"]?.array {
      var all: [Manifest] = []
      for item in items { all += try objects(item, at: place) }
      return all
    }
    for (key, value) in [("kind", object.kind), ("apiVersion", object.apiVersion)]
    where value.isEmpty {
      throw KubeError(.invalidRequest, "\(place): the object has no \(key)")
    }
    return [Manifest(object: object, place: place)]
  }
}

extension JSON {
  /// A value of a manifest, its plain scalars by YAML 1.1.
  fileprivate init(manifest node: YAMLNode) {
    switch node.content {
    case .sequence(let items): self = .array(items.map(JSON.init(manifest:)))
    case .mapping(let mapping):
      self = .object(
        OrderedDictionary(
          mapping.entries.map { ($0.key, JSON(manifest: $0.value)) }, uniquingKeysWith: { $1 }))
    case .scalar(let scalar):
      self = YAML11.value(scalar) ?? JSON(yaml: node)
    }
  }
}

/// Where YAML 1.1, which Kubernetes' own tools read, and 1.2 differ in what people write.
private enum YAML11 {
  /// Nil where both agree.
  static func value(_ scalar: YAMLScalar) -> JSON? {
    guard scalar.style == .plain else { return nil }
    switch scalar.text {
    case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON": return true
    case "n", "N", "no", "No", "NO", "off", "Off", "OFF": return false
    default: break
    }
    let digits = scalar.text.drop { $0 == "-" || $0 == "+" }.filter { $0 != "_" }
    guard digits.count > 1, digits.first == "0", digits.allSatisfy({ "01234567".contains($0) }),
      let value = Int64(digits, radix: 8)
    else { return nil }
    return .int(scalar.text.hasPrefix("-") ? -value : value)
  }
}
