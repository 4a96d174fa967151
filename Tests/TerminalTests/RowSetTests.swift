import Terminal
import Testing

@Suite struct RowSetTests {
  private let coins = RowSet(
    ["name", .init("price", isNumeric: true), "note"],
    rows: [
      [.text("日本"), .number("1.50"), .text("a|b <c>")],
      [.text("x"), .number("1234"), .null],
    ])

  @Test("a table is aligned by columns of the terminal, and has no blanks at its lines' ends")
  func table() {
    #expect(
      coins.text(as: .table) == """
         name | price | note
        ------+-------+---------
         日本 |  1.50 | a|b <c>
         x    |  1234 |

        """)
  }

  @Test("a table is as wide as the terminal at most, the widest columns giving way first")
  func narrowTable() {
    let rows = RowSet(
      ["a", "b"], rows: [[.text(String(repeating: "x", count: 40)), .text("short")]])
    let text = rows.text(as: .table, width: 24)
    for line in text.split(separator: "\n") { #expect(String(line).displayWidth <= 24) }
    #expect(text.contains("xxx…"))
    #expect(text.contains("short"))
    #expect(rows.text(as: .table).contains(String(repeating: "x", count: 40)))
  }

  @Test("a value of several lines is shown as such where that is asked for")
  func lines() {
    var rows = RowSet(["a", "b"], rows: [[.text("x\ny"), .text("1\n2\n3")]])
    #expect(rows.text(as: .table).contains(" x\\ny | 1\\n2\\n3\n"))
    rows.showsLines = true
    #expect(
      rows.text(as: .table) == """
         a | b
        ---+---
         x+| 1+
         y | 2+
           | 3

        """)
  }

  @Test("expanded rows stand below each other, a value's lines too")
  func expanded() {
    let rows = RowSet(
      ["id", "text"], rows: [[.number("1"), .text("a\nb")], [.number("2"), .null]])
    #expect(
      rows.expandedText == """
        -- 1 --
        id    1
        text  a
              b
        -- 2 --
        id    2
        text

        """)
    #expect(coins.tableWidth == 24)
  }

  @Test("CSV by RFC 4180: a null is empty, an empty text is quoted")
  func csv() {
    let rows = RowSet(
      ["a,b", "c"], rows: [[.text("say \"hi\""), .text("")], [.null, .text("two\nlines")]])
    #expect(rows.text(as: .csv) == "\"a,b\",c\n\"say \"\"hi\"\"\",\"\"\n,\"two\nlines\"\n")
  }

  @Test("JSON keeps types, and every value of columns of one name")
  func json() {
    let rows = RowSet(
      ["n", "n", "x", "j", "b"],
      rows: [
        [
          .number("1.50"), .number("NaN"), .null, .json("{\"k\": [1]}"), .bool(true),
        ]
      ])
    #expect(
      rows.text(as: .json) == """
        [
          {"n": 1.50, "n_2": "NaN", "x": null, "j": {"k": [1]}, "b": true}
        ]

        """)
    #expect(RowSet(["a"]).text(as: .json) == "[]\n")
  }

  @Test("Markdown escapes what would end a cell or begin a tag")
  func markdown() {
    #expect(
      coins.text(as: .markdown) == """
        | name | price | note |
        | --- | ---: | --- |
        | 日本 | 1.50 | a\\|b &lt;c> |
        | x | 1234 |  |

        """)
    let lines = RowSet(["a"], rows: [[.text("1\n2\\")]])
    #expect(lines.text(as: .markdown).hasSuffix("| 1<br>2\\\\ |\n"))
  }
}
