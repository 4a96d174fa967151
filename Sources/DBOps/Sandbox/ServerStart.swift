internal import Glibc
internal import Subprocess
internal import SystemPackage
internal import Text

/// Makes a cluster and starts its server.
struct ServerStart {
  let site: SandboxSite
  let binaries: ServerBinaries
  let record: SandboxRecord

  /// Runs initdb and pg_ctl, which returns when the server takes connections.
  func run(_ serverSettings: [String: String]) async throws {
    let secret = try passwordFile()
    defer { if let secret { unlink(secret.string) } }
    try await program(
      binaries.initdb,
      [
        "--pgdata", site.data.string, "--username", "postgres", "--auth-local", "trust",
        "--auth-host", secret == nil ? "trust" : "scram-sha-256",
        "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums", "--no-sync",
        "--no-instructions",
      ] + (secret.map { ["--pwfile", $0.string] } ?? []))
    FolderTree.spread(site.data.appending("base"))
    try configure(serverSettings)
    if record.port != nil, record.address != "127.0.0.1" { try admitOthers() }
    try await program(
      binaries.control,
      [
        "start", "--pgdata", site.data.string, "--log", site.log.string, "--silent", "--wait",
        "--timeout", "60",
      ])
  }

  /// A file with the password, for initdb: no other user may see it among its arguments.
  private func passwordFile() throws -> FilePath? {
    guard let password = record.password else { return nil }
    let path = site.folder.appending("password")
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate, .closeOnExec],
      permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll((password + "\n").utf8) }
    try FolderTree.give(path, to: site.account)
    return path
  }

  /// Only the folder's permissions guard the socket, hence `trust` above; and nothing here has to
  /// outlive a crash of the machine.
  private func configure(_ serverSettings: [String: String]) throws {
    let own = [
      "listen_addresses": record.port == nil ? "" : record.address,
      "port": String(record.port ?? 5432), "password_encryption": "scram-sha-256",
      "unix_socket_directories": record.socketFolder,
      "unix_socket_permissions": "0700", "fsync": "off", "full_page_writes": "off",
      "synchronous_commit": "off", "max_wal_size": "4GB", "shared_buffers": "64MB",
    ]
    let lines = own.merging(serverSettings) { $1 }.sorted { $0.key < $1.key }.map { key, value in
      "\(key) = '\(value.replacing(text: "'", with: "''"))'"
    }
    let descriptor = try FileDescriptor.open(
      site.data.appending("postgresql.conf"), .writeOnly, options: [.append, .closeOnExec])
    try descriptor.closeAfter {
      _ = try descriptor.writeAll(("\n" + lines.joined(separator: "\n") + "\n").utf8)
    }
  }

  /// initdb lets nobody in from elsewhere.
  private func admitOthers() throws {
    let descriptor = try FileDescriptor.open(
      site.data.appending("pg_hba.conf"), .writeOnly, options: [.append, .closeOnExec])
    try descriptor.closeAfter {
      _ = try descriptor.writeAll("\nhost all all all scram-sha-256\n".utf8)
    }
  }

  private func program(_ path: FilePath, _ arguments: [String]) async throws {
    // Nothing of the caller's environment: PGPORT and others would reach the server.
    let environment: [Environment.Key: String] = [
      "PATH": "\(binaries.folder):/usr/bin:/bin", "LC_ALL": "C.UTF-8",
    ]
    let result = try await Subprocess.run(
      .path(path), arguments: Arguments(arguments), environment: .custom(environment),
      workingDirectory: site.folder, platformOptions: site.account.platformOptions,
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    try Task.checkCancellation()
    guard result.terminationStatus.isSuccess else {
      let said = (result.standardError + lastWords()).split(separator: "\n").suffix(8)
      throw SandboxError(
        .failed, "\(path.lastComponent?.string ?? "the server") failed in \(site.folder)",
        details: said.map(String.init))
    }
  }

  /// The end of the server's log.
  private func lastWords() -> String {
    guard let log = try? FileDescriptor.open(site.log, .readOnly, options: .closeOnExec) else {
      return ""
    }
    defer { try? log.close() }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let end = (try? log.seek(offset: 0, from: .end)) ?? 0
    let start = max(0, end - Int64(bytes.count))
    let count = try? bytes.withUnsafeMutableBytes {
      try log.read(fromAbsoluteOffset: start, into: $0)
    }
    return "\n" + String(decoding: bytes.prefix(count ?? 0), as: UTF8.self)
  }
}
