internal import CPostgres
internal import Glibc

/// The password file, by libpq's rules (PostgreSQL's documentation, "The Password File").
///
/// libpq reads it by itself, but by the port that it connects to: behind a detour that is a port of
/// this machine, for which nobody has written a line.
enum PasswordFile {
  /// The password for a server, or nil where libpq would find one elsewhere, or none.
  static func password(for settings: ConnectionSettings) -> String? {
    guard settings["password"] == nil, variable("PGPASSWORD") == nil,
      let path = settings["passfile"] ?? variable("PGPASSFILE")
        ?? variable("HOME").map({ $0 + "/.pgpass" }),
      let text = contents(path)
    else { return nil }
    let user = settings["user"] ?? standard("user") ?? ""
    let wanted = [
      settings["host"] ?? settings["hostaddr"] ?? "localhost", settings["port"] ?? "5432",
      settings["dbname"] ?? standard("dbname") ?? user, user,
    ]
    for line in text.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
      let fields = fields(of: line)
      guard fields.count >= 5 else { continue }
      let matches = zip(fields, wanted).allSatisfy { $0.isAny || $0.bytes.elementsEqual($1.utf8) }
      if matches { return String(decoding: fields[4].bytes, as: UTF8.self) }
    }
    return nil
  }

  /// Splits at colons; a backslash takes the next byte as it is.
  private static func fields(of line: ArraySlice<UInt8>) -> [(bytes: [UInt8], isAny: Bool)] {
    var fields: [(bytes: [UInt8], isAny: Bool)] = []
    var (field, hasEscape): ([UInt8], Bool) = ([], false)
    var rest = line
    if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), let next = rest.popFirst() {
        field.append(next)
        hasEscape = true
      } else if byte == UInt8(ascii: ":"), fields.count < 4 {
        fields.append((field, !hasEscape && field == [UInt8(ascii: "*")]))
        (field, hasEscape) = ([], false)
      } else {
        field.append(byte)
      }
    }
    fields.append((field, false))
    return fields
  }

  /// Nil for a file that is not there, or that others may read: libpq passes over such as well.
  private static func contents(_ path: String) -> [UInt8]? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_mode & (S_IRWXG | S_IRWXO) == 0, let file = fopen(path, "re")
    else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while bytes.count < 4 << 20 {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// What libpq takes for a keyword that nobody has set.
  private static func standard(_ keyword: String) -> String? {
    guard let options = PQconndefaults() else { return nil }
    defer { PQconninfoFree(options) }
    return ConnectionSettings.values(in: options)[keyword].flatMap { $0.isEmpty ? nil : $0 }
  }
}
