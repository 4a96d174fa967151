import Terminal
import Testing

@Suite struct RecordTests {
  private var record: Record {
    var record = Record()
    record.add("database", "shop")
    record.add("size-bytes", 2048, text: "2.0 KiB")
    record.add("comment", nil)
    record.add("protected", true)
    return record
  }

  @Test("people read texts, programs read values")
  func formats() {
    #expect(
      record.text(as: .table) == """
        database    shop
        size-bytes  2.0 KiB
        comment     -
        protected   yes

        """)
    let json = record.text(as: .json)
    #expect(json.contains("\"size-bytes\": 2048"))
    #expect(json.contains("\"comment\": null"))
    #expect(record.text(as: .csv).hasPrefix("name,value\ndatabase,shop\nsize-bytes,2.0 KiB\n"))
    #expect(record.text(as: .markdown).contains("| protected | yes |"))
  }
}
