import DBOps
import Glibc
import Postgres
import SystemPackage

/// A server with TLS and passwords that pods reach: those on the machine's own network by 127.0.0.1,
/// others by the address of the bridge that they hang on.
actor KubeServer {
  static let shared = KubeServer()
  /// The superuser's password; nobody gets in by TCP without.
  static let password = "s3cret of postgres"
  /// Its address for pods; nil where this machine has no such bridge.
  static let bridge = address(of: getenv("OMC_KUBE_BRIDGE").map { String(cString: $0) } ?? "omcbr0")

  private var starting: Task<KubeServer.Place, any Error>?
  private var lastNumber = 0

  /// What tests need to know of it.
  struct Place: Sendable {
    var sandbox: Sandbox
    var port: Int
    /// The certificate, for `db` and `db.internal`, which is its own authority.
    var certificate: String

    /// The way past all passwords.
    var settings: ConnectionSettings { sandbox.settings.with(["port": String(port)]) }
  }

  /// Runs `body` with a database of its own.
  static func withDatabase<Result>(
    _ body: (Place, String) async throws -> Result
  ) async throws -> Result {
    let (place, name) = try await shared.create()
    let drop = { try await execute("DROP DATABASE \(name) WITH (FORCE)", place.settings) }
    do {
      let result = try await body(place, name)
      try await drop()
      return result
    } catch {
      try await drop()
      throw error
    }
  }

  private func create() async throws -> (Place, String) {
    let task = starting ?? Task { try await KubeServer.start() }
    starting = task
    let place = try await task.value
    lastNumber += 1
    let name = "kube_\(lastNumber)"
    try await execute("CREATE DATABASE \(name) STRATEGY file_copy", place.settings)
    return (place, name)
  }

  private static func start() async throws -> Place {
    let port = try freePort()
    let folder = FilePath("/tmp/omcops-kube-tests-\(getpid())")
    let addresses = ["127.0.0.1"] + (bridge.map { [$0] } ?? [])
    let sandbox = try await Sandbox.start(
      in: folder,
      Sandbox.Options(
        serverSettings: [
          "port": String(port), "listen_addresses": addresses.joined(separator: ","),
          "autovacuum": "off",
        ], endsWithProcess: true))
    var place = Place(sandbox: sandbox, port: port, certificate: "")
    let server = try await Connection.open(place.settings, applicationName: "omcops tests")
    // The server's own user has to own its key, so the server makes it.
    for sql in [
      """
      COPY (SELECT 1) TO PROGRAM 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
      -nodes -days 2 -subj /CN=db -addext subjectAltName=DNS:db,DNS:db.internal \
      -keyout server.key -out server.crt 2>/dev/null'
      """,
      """
      COPY (VALUES ('local all all trust'), ('hostssl all all all scram-sha-256')) \
      TO PROGRAM 'cat > pg_hba.conf'
      """,
      "ALTER ROLE postgres PASSWORD '\(password)'", "ALTER SYSTEM SET ssl = on",
      "SELECT pg_reload_conf()",
    ] { try await server.execute(sql) }
    place.certificate = try await server.query("SELECT pg_read_file('server.crt') AS text").rows[0]
      .decode("text")
    await server.close()
    return place
  }

  private func execute(_ sql: String, _ settings: ConnectionSettings) async throws {
    try await KubeServer.execute(sql, settings)
  }

  private static func execute(_ sql: String, _ settings: ConnectionSettings) async throws {
    let server = try await Connection.open(settings, applicationName: "omcops tests")
    try await server.execute(sql)
    await server.close()
  }

  static func freePort() throws -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    guard isBound else { throw Errno(rawValue: errno) }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  private static func address(of interface: String) -> String? {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return nil }
    defer { freeifaddrs(list) }
    var next = list
    while let entry = next?.pointee {
      if String(cString: entry.ifa_name) == interface, let address = entry.ifa_addr,
        address.pointee.sa_family == sa_family_t(AF_INET)
      {
        var text = [CChar](repeating: 0, count: 64)
        address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          _ = inet_ntop(AF_INET, &$0.pointee.sin_addr, &text, 64)
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      }
      next = entry.ifa_next
    }
    return nil
  }
}
