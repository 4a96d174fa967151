import Archive
import DBOps
import Digest
import Glibc
import Postgres
import Quantities
import Subprocess
import SystemPackage
import Testing

/// A small database with the usual kinds of objects, and archives of it.
enum SampleArchive {
  /// What stock tools are not asked for: two roles, since roles belong to the whole server.
  static func prepareRoles(_ connection: Connection) async throws {
    try await connection.execute(
      """
      DO $$ BEGIN
        PERFORM pg_advisory_xact_lock(4711);
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sample_owner') THEN
          CREATE ROLE sample_owner; CREATE ROLE "sample reader";
        END IF;
      END $$
      """)
  }

  static func fill(_ settings: ConnectionSettings) async throws {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    try await prepareRoles(connection)
    try await connection.execute(schema)
    try await connection.execute(
      """
      ALTER DATABASE \(quoteIdentifier(settings["dbname"] ?? "")) SET timezone TO 'Asia/Tokyo';
      COMMENT ON DATABASE \(quoteIdentifier(settings["dbname"] ?? "")) IS 'the sample';
      GRANT CONNECT ON DATABASE \(quoteIdentifier(settings["dbname"] ?? ""))
        TO "sample reader"
      """)
    await connection.close()
  }

  private static let schema = """
    CREATE SCHEMA "Odd schema";
    CREATE TYPE mood AS ENUM ('low', 'high');
    CREATE TABLE users (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE,
      mood mood NOT NULL DEFAULT 'low', note text CHECK (note <> 'bad'));
    COMMENT ON COLUMN users.note IS 'what they ''said''';
    CREATE TABLE "Odd schema"."größe \\t" (
      id serial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
      body text, made timestamptz NOT NULL DEFAULT now());
    CREATE INDEX ON "Odd schema"."größe \\t" (made DESC) WHERE body IS NOT NULL;
    CREATE TABLE nothing (a int);
    CREATE TABLE parted (id int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day))
      PARTITION BY RANGE (day);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
    CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
    INSERT INTO users (name, note)
      SELECT 'user ' || n, CASE WHEN n % 3 = 0 THEN md5(n::text) || E'\\tx\\n\\\\.\\n' END
      FROM generate_series(1, 3000) n;
    INSERT INTO "Odd schema"."größe \\t" (user_id, body)
      SELECT 1 + n % 3000, md5(n::text) || md5((n + 1)::text) || md5((n * 7)::text)
      FROM generate_series(1, 5000) n;
    INSERT INTO parted SELECT n, date '2026-01-01' + n % 360 FROM generate_series(1, 500) n;
    SELECT setval('"Odd schema"."größe \\t_id_seq"', 9000, false);
    CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper($1) $$;
    CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN NEW.note := coalesce(NEW.note, 'new'); RETURN NEW; END $$;
    CREATE TRIGGER stamp BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION stamp();
    CREATE VIEW loud AS SELECT id, shout(name) AS name FROM users;
    CREATE MATERIALIZED VIEW counts AS SELECT mood, count(*) AS n FROM users GROUP BY mood;
    CREATE UNIQUE INDEX ON counts (mood);
    ALTER TABLE users ENABLE ROW LEVEL SECURITY;
    CREATE POLICY mine ON users FOR SELECT TO "sample reader" USING (name = current_user);
    GRANT SELECT ON users TO "sample reader";
    GRANT UPDATE (note) ON users TO "sample reader";
    ALTER TABLE users OWNER TO sample_owner;
    ALTER FUNCTION shout(text) OWNER TO sample_owner;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO "sample reader";
    """

  /// What stock pg_dump makes of a database.
  static func dump(
    _ settings: ConnectionSettings, to path: FilePath, options: [String] = []
  ) async throws {
    _ = try await text(of: settings, options: ["-Fd", "-f", path.string] + options)
  }

  /// The same through a pipe, so that no entry tells where its data is.
  static func dumpThroughPipe(
    _ settings: ConnectionSettings, to path: FilePath, options: [String]
  ) async throws {
    let dump = (["pg_dump", "-d", "\"$0\""] + options).joined(separator: " ")
    let result = try await run(
      .name("sh"),
      arguments: ["-c", "\(dump) | cat >\"$1\"", connectionString(settings), path.string],
      output: .discarded, error: .string(limit: 1 << 16))
    try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
  }

  private static func connectionString(_ settings: ConnectionSettings) -> String {
    ["host", "port", "user", "dbname"].compactMap { key in
      settings[key].map { "\(key)='\($0)'" }
    }
    .joined(separator: " ")
  }

  /// The text that stock pg_dump writes for a database.
  static func text(
    of settings: ConnectionSettings, options: [String] = ["--schema-only"]
  ) async throws -> String {
    let result = try await run(
      .name("pg_dump"), arguments: .init(options + ["-d", connectionString(settings)]),
      output: .string(limit: 1 << 24), error: .string(limit: 1 << 16))
    try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
    // Newer minor versions guard their scripts with a random word.
    return result.standardOutput.split(separator: "\n").filter { !$0.hasPrefix("\\") }
      .joined(separator: "\n")
  }

  /// Puts a manifest beside a dump, as a backup of ours has it.
  static func addManifest(to path: FilePath, _ settings: ConnectionSettings) async throws {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    var manifest = ManifestTests.sample
    manifest.id = path.lastComponent?.string ?? ""
    manifest.database = settings["dbname"] ?? ""
    manifest.tables = [:]
    manifest.files = [:]
    manifest.roles = ["sample_owner", "sample reader"]
    let toc = try TableOfContents(
      parsing: try DurableFile.read(path.appending("toc.dat"), atMost: 1 << 24))
    manifest.files["toc.dat"] = try file(path.appending("toc.dat"))
    for entry in toc.entries where entry.kind == "TABLE DATA" {
      let file = try DataFileName.locate(entry.fileName, in: path)
      let name = quoteIdentifier(entry.namespace ?? "", entry.tag)
      let rows = try await connection.query("SELECT count(*) FROM ONLY \(name)")
        .single(as: Int64.self)
      let fileName = file.lastComponent?.string ?? ""
      manifest.tables[name] = .init(rows: rows, file: fileName)
      manifest.files[fileName] = try self.file(file)
    }
    manifest.sequences = [
      "public.users_id_seq": .init(lastValue: 3000, isCalled: true),
      "\"Odd schema\".\"größe \\t_id_seq\"": .init(lastValue: 9000, isCalled: false),
    ]
    try manifest.write(into: path)
    await connection.close()
  }

  static func file(_ path: FilePath) throws -> Manifest.File {
    let bytes = try DurableFile.read(path, atMost: 1 << 26)
    return .init(bytes: Int64(bytes.count), sha256: SHA256.hex(of: bytes))
  }
}
