internal import HTTPClient
internal import JSON

/// The version of a server.
public struct KubeVersion: Hashable, Sendable {
  /// 1.
  public var major: Int
  /// 31.
  public var minor: Int
  /// `v1.31.2-eks-1`.
  public var text: String
}

extension WebSocketOptions {
  /// For what takes input: a server that waits for it to be read does not read our pings meanwhile.
  /// Silence means nothing then, and a dead connection is TCP's to find.
  static let forInput = WebSocketOptions(silence: .seconds(4 * 3600))
}

extension KubeClient {
  /// Asks for the server's version.
  public func version() async throws -> KubeVersion {
    let json = try await json(APIRequest("/version", subject: "ask for the version"))
    // Providers put a plus sign behind it.
    func number(_ key: String) -> Int {
      Int((json[key]?.string ?? "").prefix { $0.isASCII && $0.isNumber }) ?? 0
    }
    return KubeVersion(
      major: number("major"), minor: number("minor"), text: json["gitVersion"]?.string ?? "?")
  }

  /// Opens a WebSocket; what the server refuses is thrown as it is for other requests.
  func socket(
    _ request: APIRequest, subprotocols: [String], options: WebSocketOptions = WebSocketOptions()
  ) async throws -> WebSocket {
    let credential = try await currentCredential()
    do {
      return try await connect(request, credential, subprotocols, options)
    } catch let error as KubeError where error.code == .unauthorized {
      guard let other = try await replacement(for: credential) else { throw error }
      return try await connect(request, other, subprotocols, options)
    }
  }

  private func connect(
    _ request: APIRequest, _ credential: Credential, _ subprotocols: [String],
    _ options: WebSocketOptions
  ) async throws -> WebSocket {
    var request = request
    // Streams are of no type: servers answer 406 to those who want one.
    request.accept = "*/*"
    let (client, prepared) = prepare(request, credential)
    do {
      return try await WebSocket.connect(
        client, prepared, subprotocols: subprotocols, options: options)
    } catch let error as HTTPError {
      guard let answer = error.response else { throw unreachable(request, error) }
      var refusal = self.error(answer.status, answer.body, request, credential)
      if refusal.code == .forbidden {
        refusal.hint =
          "a Role has to allow get and, from Kubernetes 1.35 on, create on the part of pods that the "
          + "message names"
      }
      throw refusal
    }
  }
}
