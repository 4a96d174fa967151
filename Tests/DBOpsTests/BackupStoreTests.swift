import DBOps
import Glibc
import Quantities
import SystemPackage
import Testing

@Suite("Backup store")
struct BackupStoreTests {
  private func manifest(
    _ id: String, database: String = "shop", label: String? = nil, hour: Int64 = 0
  ) -> Manifest {
    var manifest = ManifestTests.sample
    manifest.id = id
    manifest.database = database
    manifest.label = label
    manifest.snapshotTime = Timestamp(microseconds: 1_795_421_702_000_000 + hour * 3_600_000_000)
    return manifest
  }

  private func commit(
    _ store: BackupStore, _ database: String, label: String? = nil, hour: Int64
  ) throws -> String {
    let moment = Timestamp(microseconds: 1_795_421_702_000_000 + hour * 3_600_000_000)
    let target = store.location(database: database, at: moment, label: label)
    let partial = try PartialBackup.begin(at: target)
    try partial.commit(manifest(partial.id, database: database, label: label, hour: hour))
    return partial.id
  }

  @Test("a backup is found by latest, id, label and path")
  func find() throws {
    let scratch = try ScratchFolder()
    let store = BackupStore(path: scratch.path)
    let old = try commit(store, "shop", label: "nightly", hour: 1)
    let new = try commit(store, "shop", hour: 2)
    let other = try commit(store, "blog", hour: 3)
    #expect(try store.list().backups.map(\.id) == [other, new, old])
    #expect(try store.find("latest").id == other)
    #expect(try store.find("latest", database: "shop").id == new)
    #expect(try store.find("nightly").id == old)
    #expect(try store.find(old).path == scratch.path.appending(old))
    #expect(try store.find(scratch.path.appending(new).string).id == new)
    let error = #expect(throws: DBError.self) { try store.find("nigthly") }
    #expect(error?.message.hasSuffix("; did you mean \"nightly\"?") == true)
    #expect(throws: DBError.self) { try store.find("latest", database: "none") }
    #expect(throws: DBError.self) { try store.find("") }
  }

  @Test("a backup that a wrong clock dated in the future is the latest only where it is alone")
  func future() throws {
    let scratch = try ScratchFolder()
    let store = BackupStore(path: scratch.path)
    let ahead = scratch.path.appending("ahead")
    var late = manifest("ahead")
    late.snapshotTime = .now() + .seconds(86400)
    try PartialBackup.begin(at: ahead).commit(late)
    #expect(try store.find("latest").id == "ahead")
    var today = manifest("today")
    today.snapshotTime = .now()
    try PartialBackup.begin(at: scratch.path.appending("today")).commit(today)
    #expect(try store.find("latest").id == "today")
    #expect(try store.list().backups.map(\.id) == ["ahead", "today"])
    #expect(try store.list().backups.map { $0.isDatedAhead() } == [true, false])
    let metrics = try BackupMetrics(of: store, environment: "")
    #expect(metrics.databases.map { $0.newest?.id } == ["today"])
  }

  @Test("an unfinished backup is never listed; a dead writer's is removed, a living one's stays")
  func leftovers() throws {
    let scratch = try ScratchFolder()
    let store = BackupStore(path: scratch.path)
    let living = try PartialBackup.begin(at: scratch.path.appending("shop-1"))
    // What a killed writer leaves: the folder, all its files, and a lock that nobody holds.
    let dead = scratch.path.appending("shop-0.partial-1-deadbeef")
    mkdir(dead.string, 0o700)
    _ = try scratch.write([], to: "shop-0.partial-1-deadbeef/.writer")
    try manifest("shop-0").write(into: dead)
    #expect(try store.list().backups.isEmpty)
    #expect(PartialBackup.removeLeftovers(in: scratch.path) == ["shop-0.partial-1-deadbeef"])
    try living.commit(manifest("shop-1"))
    #expect(scratch.names() == ["shop-1"])
    #expect(scratch.names(in: scratch.path.appending("shop-1")) == ["manifest.json"])
    #expect(try store.list().backups.map(\.id) == ["shop-1"])
  }

  @Test("beginning a backup removes what dead writers left")
  func beginCleans() throws {
    let scratch = try ScratchFolder()
    for name in ["a.partial-7-1", "b.partial-x-1", "c.partial-7"] {
      mkdir(scratch.path.appending(name).string, 0o700)
    }
    let partial = try PartialBackup.begin(at: scratch.path.appending("new"))
    #expect(scratch.names().filter { !$0.hasPrefix("new") } == ["b.partial-x-1", "c.partial-7"])
    try partial.abandon()
    #expect(scratch.names() == ["b.partial-x-1", "c.partial-7"])
  }

  @Test("a name that is taken is refused; an empty folder may be filled")
  func taken() throws {
    let scratch = try ScratchFolder()
    mkdir(scratch.path.appending("empty").string, 0o700)
    let partial = try PartialBackup.begin(at: scratch.path.appending("empty"))
    try partial.commit(manifest("empty"))
    let error = #expect(throws: DBError.self) {
      _ = try PartialBackup.begin(at: scratch.path.appending("empty"))
    }
    #expect(error?.code == .targetExists)
    let lost = #expect(throws: DBError.self) {
      _ = try PartialBackup.begin(at: scratch.path.appending("no/such"))
    }
    #expect(lost?.message.hasSuffix("does not exist") == true)
  }

  @Test("a folder without a manifest that can be read is told apart from whole backups")
  func unreadable() throws {
    let scratch = try ScratchFolder()
    let store = BackupStore(path: scratch.path)
    let id = try commit(store, "shop", hour: 1)
    mkdir(scratch.path.appending("broken").string, 0o700)
    _ = try scratch.write(Array("{".utf8), to: "broken/manifest.json")
    mkdir(scratch.path.appending("unrelated").string, 0o700)
    let listing = try store.list()
    #expect(listing.backups.map(\.id) == [id])
    #expect(listing.unreadable.map(\.name) == ["broken"])
  }

  @Test("a store that does not exist yet is empty")
  func absent() throws {
    let store = BackupStore(path: "/nonexistent/store")
    #expect(try store.list().backups.isEmpty)
    #expect(try store.freeBytes() == nil)
  }

  @Test("names of databases and labels are made fit for files")
  func names() {
    let store = BackupStore(path: "/s")
    let moment = Timestamp(microseconds: 1_795_421_702_000_000)
    #expect(
      store.location(database: "../größe", at: moment, label: "before x").string
        == "/s/___gr__e-20261123T081502Z-before_x")
  }
}
