import Quantities
import Testing

@testable import LogOps

@Suite("What a record says about itself")
struct RecordTests {
  @Test(
    "a level is found whatever the format",
    arguments: [
      ("{\"level\":\"warning\",\"msg\":\"x\"}", "warn"), ("{\"severity\":\"ERROR\"}", "error"),
      ("{\"lvl\":\"dbg\",\"a\":1}", "debug"), ("{\"log.level\": \"info\"}", "info"),
      ("{\"log\":{\"level\":\"error\"},\"a\":2}", "error"),
      ("{\"levelname\":\"CRITICAL\"}", "fatal"),
      ("{\"level\":30,\"time\":1}", "info"), ("{\"level\":60,\"v\":0}", "fatal"),
      ("time=x level=warn msg=\"a b\"", "warn"), ("a=1 lvl=eror level=error", "error"),
      ("I1129 10:00:00.123456 1 main.go:1] up", "info"),
      ("E1129 10:00:00.123456 1 main.go:1] down", "error"),
      ("2026-11-29 10:00:00,123 - app - ERROR - failed", "error"), ("WARNING:root:careful", "warn"),
      ("2026-11-29 10:00:00.123  INFO 1 --- [main] c.e.App : up", "info"),
      ("2026/11/29 10:00:00 [error] 7#7: *1 open() failed", "error"),
      ("[Sat Nov 29 10:00:00 2026] [core:notice] [pid 1] up", "notice"),
      ("2026-11-29 10:00:00.1 UTC [7] LOG:  checkpoint starting", "info"),
      ("2026-11-29 10:00:00.1 UTC [7] FATAL:  no", "fatal"),
      ("<11>Nov 29 10:00:00 h app: x", "error"),
      ("\u{1B}[32mINFO\u{1B}[0m:     Application startup", "info"),
      ("error: no such file", "error"),
      ("panic: runtime error", "fatal"),
    ])
  func levels(_ line: String, _ level: String) {
    line.bytes { bytes in
      var record = LogRecord(source: 0, bytes: bytes, stamp: nil)
      #expect(record.level?.name == level)
    }
  }

  @Test(
    "prose states no level",
    arguments: [
      "the catalog: opened", "GET /error/warn HTTP/1.1", "informed the warden", "log in first",
      "level playing field", "user.ERROR.count",
    ])
  func noLevel(_ line: String) {
    line.bytes { bytes in
      var record = LogRecord(source: 0, bytes: bytes, stamp: nil)
      #expect(record.level == nil)
    }
  }

  @Test(
    "a time is found whatever the format",
    arguments: [
      ("2026-11-29T10:00:00.5Z x", "2026-11-29T10:00:00.500Z"),
      ("2026-11-29T10:00:00.000137000+02:00 x", "2026-11-29T08:00:00.000Z"),
      ("2026-11-29 10:00:00,123 - app", "2026-11-29T10:00:00.123Z"),
      ("2026/11/29 10:00:00 [error] x", "2026-11-29T10:00:00.000Z"),
      ("[2026-11-29 10:00:00 -0330] x", "2026-11-29T13:30:00.000Z"),
      ("10.0.0.1 - - [29/Nov/2026:10:00:00 +0100] \"GET /\"", "2026-11-29T09:00:00.000Z"),
      ("{\"ts\":1790000000.25,\"msg\":\"x\"}", "2026-09-21T14:13:20.250Z"),
      ("{\"time\":1790000000250,\"msg\":\"x\"}", "2026-09-21T14:13:20.250Z"),
      ("{\"@timestamp\":\"2026-11-29T10:00:00Z\"}", "2026-11-29T10:00:00.000Z"),
      ("ts=2026-11-29T10:00:00Z level=info", "2026-11-29T10:00:00.000Z"),
      ("2026-11-29 10:00:00.1 UTC [7] LOG:  x", "2026-11-29T10:00:00.100Z"),
      ("<13>Nov 28 10:00:00 host app: x", "2026-11-28T10:00:00.000Z"),
      ("Dec 31 10:00:00 host app: x", "2025-12-31T10:00:00.000Z"),
      ("I1128 10:00:00.250000 1 main.go:1] x", "2026-11-28T10:00:00.250Z"),
    ])
  func times(_ line: String, _ expected: String) throws {
    let now = try #require(Timestamp(parsing: "2026-11-29T12:00:00Z"))
    line.bytes { bytes in
      let reader = TimeReader(zone: 0, now: LogTime(now))
      let time = reader.time(of: bytes, shape: Shape(of: bytes))
      #expect(time?.timestamp.rfc3339() == expected)
    }
  }

  @Test("times without a zone are in the zone that is given")
  func zone() {
    "2026-11-29 10:00:00 x".bytes { bytes in
      let time = TimeReader(zone: 7200).time(of: bytes, shape: .plain)
      #expect(time?.timestamp.rfc3339() == "2026-11-29T08:00:00.000Z")
    }
  }
}
