import Diagnostics
import JSON
import KubeExec
import Testing

@Suite struct JudgementTests {
  private func object(_ text: String) throws -> KubeObject { KubeObject(try JSON(parsing: text)) }

  @Test(
    "a Deployment is rolled out by kubectl's rules",
    arguments: [
      ("{}", "waiting 0 of 1 new replicas updated"),
      ("{\"observedGeneration\":1}", "waiting the change has not been seen yet"),
      (
        "{\"observedGeneration\":2,\"updatedReplicas\":1,\"replicas\":2,\"availableReplicas\":2}",
        "waiting 1 old replicas still there"
      ),
      (
        "{\"observedGeneration\":2,\"updatedReplicas\":1,\"replicas\":1}",
        "waiting 0 of 1 replicas available"
      ),
      (
        "{\"observedGeneration\":2,\"updatedReplicas\":1,\"replicas\":1,\"availableReplicas\":1}",
        "finished 1 of 1 replicas available"
      ),
      (
        """
        {"observedGeneration":2,"conditions":[{"type":"Progressing","status":"False",
        "reason":"ProgressDeadlineExceeded","message":"timed out progressing"}]}
        """, "failed exceeded its progress deadline: timed out progressing"
      ),
    ])
  func deployment(_ status: String, _ expected: String) throws {
    let generation = status == "{}" ? 0 : 2
    let judgement = try RolloutJudgement(
      object(
        "{\"kind\":\"Deployment\",\"metadata\":{\"generation\":\(generation)},\"status\":\(status)}"
      ))
    #expect(words(judgement) == expected)
  }

  @Test(
    "a StatefulSet and a DaemonSet too",
    arguments: [
      (
        """
        {"kind":"StatefulSet","metadata":{"generation":1},"spec":{"replicas":3,"updateStrategy":
        {"type":"RollingUpdate","rollingUpdate":{"partition":2}}},"status":{"observedGeneration":1,
        "readyReplicas":3,"updatedReplicas":1}}
        """, "finished 1 new pods updated, up to the partition at 2"
      ),
      (
        """
        {"kind":"StatefulSet","metadata":{"generation":1},"spec":{"replicas":1},"status":
        {"observedGeneration":1,"readyReplicas":1,"currentRevision":"a","updateRevision":"b"}}
        """, "waiting 0 of 1 pods at the new revision"
      ),
      (
        """
        {"kind":"DaemonSet","metadata":{"generation":1},"spec":{"updateStrategy":{"type":
        "RollingUpdate"}},"status":{"observedGeneration":1,"desiredNumberScheduled":2,
        "updatedNumberScheduled":2,"numberAvailable":1}}
        """, "waiting 1 of 2 pods available"
      ),
    ])
  func others(_ text: String, _ expected: String) throws {
    #expect(words(try RolloutJudgement(object(text))) == expected)
  }

  @Test("what cannot be rolled out is refused")
  func refused() throws {
    let manual = try object(
      """
      {"kind":"DaemonSet","metadata":{"name":"d"},"spec":{"updateStrategy":{"type":"OnDelete"}}}
      """)
    #expect(throws: KubeError.self) { try RolloutJudgement(manual) }
    let pod = try object("{\"kind\":\"Pod\"}")
    let error = #expect(throws: KubeError.self) { try RolloutJudgement(pod) }
    #expect(error?.status == .usage)
  }

  private func words(_ judgement: RolloutJudgement) -> String {
    switch judgement {
    case .finished(let words): "finished \(words)"
    case .waiting(let words): "waiting \(words)"
    case .failed(let words): "failed \(words)"
    }
  }

  @Test(
    "--for is read as kubectl reads it",
    arguments: [
      ("condition=Ready", "condition=Ready"), ("condition=Ready=False", "condition=Ready=False"),
      ("delete", "delete"),
      ("jsonpath={.status.phase}=Running", "jsonpath={.status.phase}=Running"),
      ("jsonpath='{.a[0].b}'", "jsonpath={.a[0].b}"),
      ("jsonpath={.metadata.labels['a.b/c']}=x", "jsonpath={.metadata.labels['a.b/c']}=x"),
    ])
  func conditions(_ text: String, _ expected: String) {
    #expect(WaitCondition(parsing: text)?.description == expected)
  }

  @Test(
    "what is no condition is none",
    arguments: ["", "ready", "condition=", "jsonpath=.a", "jsonpath={.a[*]}", "jsonpath={.a}x"])
  func noConditions(_ text: String) {
    #expect(WaitCondition(parsing: text) == nil)
  }

  @Test("a condition counts only for the state that was observed")
  func observed() throws {
    let condition = try #require(WaitCondition(parsing: "condition=available"))
    let old = try object(
      """
      {"metadata":{"generation":3},"status":{"observedGeneration":2,
      "conditions":[{"type":"Available","status":"True"}]}}
      """)
    #expect(!condition.holds(for: old))
    let new = try object(
      """
      {"metadata":{"generation":3},"status":{"observedGeneration":3,
      "conditions":[{"type":"Available","status":"True"}]}}
      """)
    #expect(condition.holds(for: new))
  }

  @Test("a pod's trouble has the container's last words")
  func trouble() throws {
    let pod = try object(
      """
      {"metadata":{"name":"p"},"status":{"containerStatuses":[
      {"name":"a","state":{"running":{}}},{"name":"b","state":{"waiting":{"reason":"ContainerCreating"}}},
      {"name":"c","restartCount":4,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off"}},
       "lastState":{"terminated":{"exitCode":3,"reason":"Error"}}}]}}
      """)
    #expect(
      PodTrouble.all(of: pod).map(\.description) == [
        "pod p: container c: CrashLoopBackOff: the container ended with exit code 3 (Error), "
          + "restarted 4 times"
      ])
  }
}
