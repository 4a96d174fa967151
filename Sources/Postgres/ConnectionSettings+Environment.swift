internal import CPostgres

extension ConnectionSettings {
  /// The settings as the variables that libpq's programs read, so that no password stands on a
  /// command line.
  public var environment: [String: String] {
    guard let options = PQconndefaults() else { return [:] }
    defer { PQconninfoFree(options) }
    var variables: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let variable = option.pointee.envvar, let value = self[String(cString: keyword)] {
        variables[String(cString: variable)] = value
      }
      option += 1
    }
    return variables
  }
}
