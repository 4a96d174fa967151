/// The header fields of a request as lines.
enum RequestFields {
  /// Checks the fields of the request and adds those that the address and the configuration ask for.
  ///
  /// libcurl sends what it would send by itself unless a field of that name is there; a name with a
  /// colon and nothing behind it keeps it from doing so.
  static func lines(
    _ request: HTTPRequest, _ address: HTTPAddress, _ configuration: HTTPConfiguration
  ) throws -> [String] {
    var fields = try checked(request, address)
    if address.isSecure, configuration.tls.serverName != nil, request.headers["Host"] == nil {
      fields.set("Host", address.hostField)
    }
    var lines = fields.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    // Neither of these is waited for or meant.
    for name in ["Expect", "Content-Type"] where fields[name] == nil { lines.append("\(name):") }
    return lines
  }

  /// The request's own fields, with the credentials of its URL.
  static func checked(_ request: HTTPRequest, _ address: HTTPAddress) throws -> HTTPHeaders {
    guard isToken(request.method.description) else {
      throw HTTPError(.invalidRequest, "cannot send a request to \(address.endpoint): bad method")
    }
    for field in request.headers.fields {
      // Without the value, which may be a secret.
      guard isToken(field.name),
        field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 9 })
      else {
        throw HTTPError(
          .invalidRequest,
          "cannot send a request to \(address.endpoint): a line end or control character in the "
            + "field \(field.name[...].escapedForErrors)")
      }
    }
    var fields = request.headers
    if let credentials = address.credentials, fields["Authorization"] == nil {
      fields.add("Authorization", "Basic \(Base64.encode(credentials.utf8))")
    }
    return fields
  }

  /// A word as RFC 9110, 5.6.2, has it.
  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: Array("!#$%&'*+-.^_`|~".utf8).contains(byte)
        }
      }
  }
}
