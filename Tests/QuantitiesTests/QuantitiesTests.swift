import Quantities
import Testing

@Suite("Durations, sizes and times")
struct QuantitiesTests {
  @Test(
    "durations are read and printed",
    arguments: [
      ("90s", "1m30s"), ("1h30m", "1h30m"), ("250ms", "250ms"), ("2d", "2d"), ("0s", "0s"),
    ]
  )
  func durations(text: String, canonical: String) throws {
    #expect(try #require(Duration(parsing: text)).canonical == canonical)
  }

  @Test(
    "what is no duration is refused", arguments: ["", "5", "5 s", "-1s", "1y", "s", "9999999999d"])
  func noDurations(text: String) { #expect(Duration(parsing: text) == nil) }

  @Test(
    "sizes are read and printed",
    arguments: [("512", "512 B"), ("64KiB", "64.0 KiB"), ("1.5GiB", "1.5 GiB"), ("2MB", "1.9 MiB")])
  func sizes(text: String, readable: String) throws {
    #expect(try #require(ByteCount(parsing: text)).readable == readable)
  }

  @Test(
    "times are read with their offset and printed in UTC",
    arguments: [
      ("2026-11-23T08:15:02.114Z", "2026-11-23T08:15:02.114Z"),
      ("2026-11-23 19:15:02+11:00", "2026-11-23T08:15:02.000Z"),
      ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999Z"),
      ("2024-02-29T00:00:00-0330", "2024-02-29T03:30:00.000Z"),
    ])
  func times(text: String, printed: String) throws {
    #expect(try #require(Timestamp(parsing: text)).rfc3339() == printed)
  }

  @Test(
    "what is no time is refused",
    arguments: [
      "2026-02-29T00:00:00Z", "2026-11-23T08:15:02", "2026-11-23", "2026-13-01T00:00:00Z",
    ])
  func noTimes(text: String) { #expect(Timestamp(parsing: text) == nil) }
}
