internal import CPostgres

extension ConnectionSettings {
  /// The settings as the variables that libpq's programs read, so that no password stands on a
  /// command line.
  public var environment: [String: String] {
    guard let options = PQconndefaults() else { return [:] }
    defer { PQconninfoFree(options) }
    var variables: [String: String] = [:]
    let dialled = dialled
    var option = options
    while let keyword = option.pointee.keyword {
      if let variable = option.pointee.envvar, let value = dialled[String(cString: keyword)] {
        variables[String(cString: variable)] = value
      }
      option += 1
    }
    return variables
  }
}

extension ConnectionSettings {
  /// A URL with which other programs, whatever driver they have, come to the server by the detour. It
  /// holds the password: it is for the environment of a process, and nothing else.
  ///
  /// The host is the detour's address. Only where its certificate has to be for the host's name, that
  /// stays beside the address, which drivers other than libpq may not know.
  public var dialledURL: String {
    var rest = dialled
    let isForName = rest["sslmode"] == "verify-full"
    let address = rest.removeValue(forKey: "hostaddr")
    let name = rest.removeValue(forKey: "host")
    let host = (isForName ? name : address) ?? name ?? ""
    if isForName { rest["hostaddr"] = address }
    func take(_ keyword: String) -> String { rest.removeValue(forKey: keyword).map(encoded) ?? "" }
    let (user, password) = (take("user"), take("password"))
    let credentials = password.isEmpty ? user : "\(user):\(password)"
    let port = rest.removeValue(forKey: "port").map { ":\($0)" } ?? ""
    let database = take("dbname")
    let query = rest.sorted { $0.key < $1.key }.map { "\($0.key)=\(encoded($0.value))" }
    return "postgresql://" + (credentials.isEmpty ? "" : credentials + "@") + host + port
      + "/\(database)" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
  }

  /// Percent-encoding of all but RFC 3986's unreserved characters.
  private func encoded(_ text: String) -> String {
    let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    let bytes = text.utf8.flatMap { byte in
      unreserved.contains(byte)
        ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
