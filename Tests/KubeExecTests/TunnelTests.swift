import JSON
import Testing

@testable import KubeExec

/// What tunnels are decided by.
@Suite struct TunnelTests {
  @Test(
    "what a host name can mean to a pod",
    arguments: [
      ("db", ["db in shop"]), ("db.data", ["db in data", "db of data in shop"]),
      ("DB.data.svc", ["db in data!"]), ("db.data.svc.cluster.local", ["db in data!"]),
      ("db-0.db.data", ["db-0 of db in data"]),
      ("db-0.db.data.svc.cluster.local.", ["db-0 of db in data!"]),
      ("app.c1.eu-west-1.rds.amazonaws.com", []), ("10.0.0.1", []), ("fd00::1", []), ("", []),
      ("a..b", []),
    ])
  func names(_ host: String, _ meanings: [String]) {
    let found = ClusterName.candidates(host, in: "shop").map { name in
      (name.pod.map { "\($0) of " } ?? "") + "\(name.service) in \(name.namespace)"
        + (name.isCertain ? "!" : "")
    }
    #expect(found == meanings)
  }

  @Test(
    "addresses of private networks are told from public ones",
    arguments: [
      ("10.1.2.3", true), ("172.16.0.1", true), ("172.32.0.1", false), ("192.168.0.1", true),
      ("100.64.0.1", true), ("100.128.0.1", false), ("169.254.1.1", true), ("8.8.8.8", false),
      ("fd00::1", true), ("fe80::1", true), ("2001:db8::1", false),
    ])
  func addresses(_ text: String, _ isPrivate: Bool) throws {
    #expect(try #require(Address(text)).isPrivate == isPrivate)
  }

  @Test("a relay pod's owner is gone only where that can be seen")
  func owners() throws {
    let me = ProcessOwner.current(name: "ada@laptop")
    let pod = KubeObject(["metadata": ["name": "r", "annotations": me.annotations]])
    let owner = try #require(ProcessOwner(pod))
    #expect(owner == me)
    #expect(!owner.isGone(seenBy: me))
    var other = owner
    other.started = "1"
    #expect(other.isGone(seenBy: me))
    other.boot = "another machine, or another start of this one"
    #expect(!other.isGone(seenBy: me))
    other = owner
    other.pid = Int(Int32.max)  // greater than any
    #expect(other.isGone(seenBy: me))
    other.namespace = "pid:[1]"
    #expect(!other.isGone(seenBy: me))
    #expect(ProcessOwner(KubeObject(["metadata": ["name": "r"]])) == nil)
  }
}
