import Diagnostics
import Glibc
import JSON
import ProgramRunner
import SystemPackage
import Testing

/// `omcops kube cp` against a real cluster.
@Suite(.enabled(if: KubeCluster.isThere, KubeCluster.word))
struct KubeCopyTests {
  private func withPod(_ body: (KubeCluster) async throws -> Void) async throws {
    try await KubeCluster.with { cluster in
      _ = try await cluster.apply(KubeCluster.web())
      let ready = try await cluster.kube(["rollout", "status", "deploy/web", "--timeout", "90s"])
      #expect(ready.exitCode == 0, "\(ready.errorOutput)")
      try await body(cluster)
    }
  }

  private func shell(_ script: String, in folder: FilePath) async throws -> String {
    let result = try await Program("/bin/sh").run(["-ec", script], in: folder)
    try #require(result.exitCode == 0, "\(result.errorOutput)")
    return result.output
  }

  /// Names, kinds, modes, links and contents.
  private let listing = """
    find . ! -name . -printf '%P %y %m %n %l\\n' | LC_ALL=C sort
    find . -type f -exec sha256sum {} + | LC_ALL=C sort
    """

  private let makeTree = """
    n=$(printf '%0150d' 7); mkdir -p "t/$n/$n" t/sub t/empty; cd t
    echo deep > "$n/$n/$n"; ln -s "$n/$n/$n" far; ln "$n/$n/$n" near
    echo one > sub/one; ln sub/one sub/also; ln -s one sub/link; ln -s /nowhere dangling
    head -c 3000000 /dev/urandom > big; : > nothing
    echo odd > "$(printf 'sub/a b\\n\\303\\244\\377*?')"; echo dash > -dash
    chmod 751 sub; chmod 600 sub/one; chmod 750 big; chmod 555 empty
    """

  @Test("a tree goes there and comes back the same, as a new folder and into one that is there")
  func roundTrip() async throws {
    try await withPod { cluster in
      _ = try await shell(makeTree, in: cluster.folder)
      let plan = try await cluster.kube(["cp", "t", "deploy/web:/tmp/u", "--plan"])
      #expect(plan.exitCode == 0, "\(plan.errorOutput)")
      let nothing = try await cluster.exec(["deploy/web"], "test", "-e", "/tmp/u")
      #expect(nothing.exitCode == 1)
      let up = try await cluster.kube(["cp", "t", "deploy/web:/tmp/u", "--output", "json"])
      #expect(up.exitCode == 0, "\(up.errorOutput)")
      let row = try JSON(parsing: up.output)[0]
      #expect(row?["files"] == 6 && row?["links"] == 5 && row?["folders"] == 5)
      let down = try await cluster.kube(["cp", "app=web:/tmp/u", "back"])
      #expect(down.exitCode == 0, "\(down.errorOutput)")
      let expected = try await shell(listing, in: cluster.folder.appending("t"))
      #expect(try await shell(listing, in: cluster.folder.appending("back")) == expected)

      // Into folders that are there, where names are taken already.
      _ = try await shell("mkdir m; echo mine > m/mine; echo old > m/big", in: cluster.folder)
      let made = try await cluster.exec(
        ["deploy/web"], "sh", "-c", "mkdir -m 1777 /tmp/d; echo x > /tmp/d/nothing")
      #expect(made.exitCode == 0)
      let merged = try await cluster.kube(["cp", "t/.", "deploy/web:/tmp/d"])
      #expect(merged.exitCode == 0, "\(merged.errorOutput)")
      let mode = try await cluster.exec(
        ["deploy/web"], "stat", "-c", "%a %s", "/tmp/d", "/tmp/d/nothing")
      #expect(mode.output.hasPrefix("1777 ") && mode.output.hasSuffix("\n644 0\n"))
      let back = try await cluster.kube(["cp", "deploy/web:/tmp/d/.", "m"])
      #expect(back.exitCode == 0, "\(back.errorOutput)")
      let all = try await shell("cat m/mine; rm m/mine; cd m; " + listing, in: cluster.folder)
      #expect(all == "mine\n" + expected)
      let left = try await cluster.exec(["deploy/web"], "find", "/tmp", "-name", ".omcops*")
      #expect(left.output.isEmpty)
      #expect(try await shell("find . -name '.omcops*'", in: cluster.folder).isEmpty)
    }
  }

  @Test("what cannot be copied is told before anything changes")
  func refusals() async throws {
    try await withPod { cluster in
      _ = try await shell(
        "mkdir d d/f; echo a > a; mkfifo p; mkdir q; mkfifo q/p", in: cluster.folder)
      let pipe = try await cluster.kube(["cp", "q", "deploy/web:/tmp/q"])
      expectFailure(pipe, .refused, naming: "\"p\" is no file, folder or link")
      let clash = try await cluster.kube(["cp", "d", "deploy/web:/www/index.html"])
      expectFailure(clash, .refused, naming: "is no folder, and a folder would be copied there")
      let nothing = try await cluster.kube(["cp", "deploy/web:/nosuch", "x"])
      expectFailure(nothing, .failed, naming: "tar in container \"app\" of pod \"web-", "nosuch")
      _ = try await cluster.exec(["deploy/web"], "sh", "-c", "echo f > /tmp/f")
      let taken = try await cluster.kube(["cp", "deploy/web:/tmp/f", "d"])
      expectFailure(taken, .refused, naming: "\"d/f\" is a folder")
      let device = try await cluster.kube(["cp", "deploy/web:/dev", "x"])
      expectFailure(device, .refused, naming: "cannot be copied", "nothing was changed")
      let both = try await cluster.kube(["cp", "a", "b"])
      #expect(both.exitCode == 2)
      #expect(try await shell("ls -A", in: cluster.folder) == "a\nd\np\nq\n")
      _ = try await cluster.exec(["deploy/web"], "sh", "-c", "rm -f $(which tar)")
      // A busybox shell has a tar of its own, through which copies to the container still go.
      let none = try await cluster.kube(["cp", "deploy/web:/tmp/f", "x"])
      expectFailure(none, .failed, naming: "has no tar, which copying needs")
    }
  }
}
