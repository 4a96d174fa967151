internal import HTTPClient
public import JSON
internal import OrderedCollections

/// How a patch says what to change.
public enum PatchKind: String, Sendable {
  /// RFC 7396: null removes, lists are replaced.
  case merge = "application/merge-patch+json"
  /// Kubernetes' own: lists are merged by the keys of their kinds. For built-in kinds only.
  case strategic = "application/strategic-merge-patch+json"
  /// RFC 6902: a list of operations.
  case operations = "application/json-patch+json"

  /// Whether the same patch again changes nothing more, so that it may be sent again where nobody
  /// knows whether it has arrived.
  fileprivate func isIdempotent(_ patch: JSON) -> Bool {
    switch self {
    // One that names a version is refused the second time.
    case .merge, .strategic: return true
    case .operations:
      return (patch.array ?? []).allSatisfy { operation in
        let last = operation["path"]?.string?.split(separator: "/").last ?? "-"
        let isInList = last == "-" || last.allSatisfy(\.isNumber)
        return operation["op"] == "replace" || operation["op"] == "add" && !isInList
      }
    }
  }
}

/// Who changes fields, as the cluster writes it down with each of them.
let fieldManager = "omcops"

extension KubeClient {
  /// Changes an object, or a part of it such as `scale`.
  ///
  /// Where the connection breaks it is sent again, if twice is once. A patch that names a version is
  /// refused then when the first one has arrived: the object says whether it has.
  ///
  /// - Parameter isDryRun: whether the server only says what would become of it.
  public func patch(
    _ resource: KubeResource, _ name: String, in namespace: String?, _ patch: JSON,
    as kind: PatchKind, subresource: String? = nil, isDryRun: Bool = false
  ) async throws -> KubeObject {
    var request = APIRequest(
      .patch, resource.path(namespace: namespace, name: name, subresource: subresource), patch,
      type: kind.rawValue, subject: "change \(resource.plural) \"\(name)\"")
    request.isIdempotent = isDryRun || kind.isIdempotent(patch)
    request.query = [("fieldManager", fieldManager)]
    if isDryRun { request.query.append(("dryRun", "All")) }
    do {
      return KubeObject(try await json(request))
    } catch let error as KubeError where error.isPerhapsOurs && subresource == nil && !isDryRun {
      return try await done(resource, name, in: namespace, as: patch, or: error)
    }
  }

  /// What is there where a request that was sent again was refused, if the first one has made it so.
  private func done(
    _ resource: KubeResource, _ name: String, in namespace: String?, as wanted: JSON,
    or error: KubeError
  ) async throws -> KubeObject {
    let found: KubeObject?
    do {
      found = try await find(resource, name, in: namespace)
    } catch is KubeError {
      // Who cannot look does not know: that is what the first error says.
      throw error
    }
    guard let found, found.json.holds(wanted.removing("metadata", "resourceVersion"))
    else { throw error }
    return found
  }

  /// Makes an object; with a subresource, asks for it of the object whose name is in the metadata, as
  /// an eviction is asked for of a pod.
  ///
  /// One with a name is sent again where the connection breaks: there cannot be two of that name.
  public func create(
    _ resource: KubeResource, _ object: JSON, in namespace: String?, subresource: String? = nil,
    isDryRun: Bool = false
  ) async throws -> KubeObject {
    let name = subresource.flatMap { _ in object["metadata"]?["name"]?.string }
    var request = APIRequest(
      .post, resource.path(namespace: namespace, name: name, subresource: subresource), object,
      subject: "create "
        + (subresource.map { "\($0) of \(resource.singular) \"\(name ?? "")\"" } ?? resource.plural)
    )
    request.query = [("fieldManager", fieldManager)]
    if isDryRun { request.query.append(("dryRun", "All")) }
    let own = subresource == nil ? object["metadata"]?["name"]?.string : nil
    request.isIdempotent = isDryRun || own != nil
    do {
      return KubeObject(try await json(request))
    } catch let error as KubeError where error.isPerhapsOurs && !isDryRun {
      guard let own else { throw error }
      return try await done(resource, own, in: namespace, as: object, or: error)
    }
  }

  /// Server-side apply: the object gets the fields that are given, and loses those that we gave
  /// before and do not give now. Creates it where there is none.
  ///
  /// - Parameters:
  ///   - isForced: whether fields that others own are taken from them; else that is a conflict.
  public func apply(
    _ resource: KubeResource, _ object: KubeObject, in namespace: String?, isForced: Bool,
    isDryRun: Bool = false
  ) async throws -> (object: KubeObject, isNew: Bool) {
    var request = APIRequest(
      .patch, resource.path(namespace: namespace, name: object.name), object.json,
      type: "application/apply-patch+yaml",
      subject: "apply \(object.kind.lowercased()) \"\(object.name)\"")
    request.query = [
      ("fieldManager", fieldManager), ("force", isForced ? "true" : "false"),
      ("fieldValidation", "Strict"),
    ]
    request.isIdempotent = isDryRun || object["metadata", "resourceVersion"] == nil
    if isDryRun { request.query.append(("dryRun", "All")) }
    let response = try await response(to: request)
    return (KubeObject(try JSON(parsing: response.body)), response.status == 201)
  }

  /// Begins to delete an object; with `uid` only if it still is that one.
  ///
  /// It is sent again where the connection breaks. That it is gone then, or that another one has its
  /// name, is what the first one has done.
  public func delete(
    _ resource: KubeResource, _ name: String, in namespace: String?, uid: String? = nil,
    gracePeriodSeconds: Int? = nil, propagation: String = "Background", isDryRun: Bool = false
  ) async throws {
    var options: OrderedDictionary<String, JSON> = [
      "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": .string(propagation),
    ]
    if let gracePeriodSeconds { options["gracePeriodSeconds"] = JSON(gracePeriodSeconds) }
    if let uid { options["preconditions"] = ["uid": .string(uid)] }
    if isDryRun { options["dryRun"] = ["All"] }
    do {
      _ = try await response(
        to: APIRequest(
          .delete, resource.path(namespace: namespace, name: name), .object(options),
          subject: "delete \(resource.plural) \"\(name)\""))
    } catch let error as KubeError
      where !isDryRun
      && (error.followsBreak && error.code == .notFound || error.isPerhapsOurs && uid != nil)
    {
      // The first one has done it.
    }
  }

  /// Asks for the eviction of a pod, which disruption budgets may forbid for now: then the error's
  /// code is `tooManyRequests`, and its answer's causes name the budget.
  ///
  /// - Parameter isDryRun: whether the server only says whether it may be.
  public func evict(
    pod name: String, in namespace: String, uid: String? = nil, gracePeriodSeconds: Int? = nil,
    isDryRun: Bool = false
  ) async throws {
    var options: OrderedDictionary<String, JSON> = [:]
    if let gracePeriodSeconds { options["gracePeriodSeconds"] = JSON(gracePeriodSeconds) }
    if let uid { options["preconditions"] = ["uid": .string(uid)] }
    let eviction: JSON = [
      "apiVersion": .string(try await catalog.evictionVersion(with: self)), "kind": "Eviction",
      "metadata": ["name": .string(name), "namespace": .string(namespace)],
      "deleteOptions": .object(options),
    ]
    _ = try await create(
      .pods, eviction, in: namespace, subresource: "eviction", isDryRun: isDryRun)
  }
}

extension KubeError {
  /// Whether the conflict may be with what an attempt has done whose connection broke.
  fileprivate var isPerhapsOurs: Bool { followsBreak && code == .conflict }
}
