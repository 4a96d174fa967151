import Testing

@testable import Runbooks

@Suite("Markdown")
struct MarkdownWriterTests {
  private func written(_ blocks: Page.Block...) -> String {
    MarkdownWriter.text(Page(title: "t", origin: "", blocks: blocks))
  }

  @Test("text is taken for itself, whatever it holds")
  func escaping() {
    #expect(
      written(.paragraph([.text("a*b_c _d_ `e` [f] <g>")])) == #"a\*b_c \_d\_ \`e\` \[f\] \<g>"#
        + "\n")
    #expect(written(.paragraph([.text("- a")])) == "\\- a\n")
    #expect(written(.paragraph([.text("12. a")])) == "12\\. a\n")
    #expect(written(.paragraph([.code("a`b")])) == "``a`b``\n")
    #expect(written(.paragraph([.code("`")])) == "`` ` ``\n")
  }

  @Test("lines break between words, never inside of code, and none becomes a list")
  func wrapping() {
    let code = String(repeating: "x ", count: 60) + "x"
    let long = written(.paragraph([.text("a "), .code(code), .text(" b")]))
    #expect(long == "a\n`\(code)`\nb\n")
    let words = String(repeating: "word ", count: 19) + "what - is"
    #expect(written(.paragraph([.text(words)])).contains("\n\\- is\n"))
  }

  @Test("a fence is longer than any in the code, and a bar in a table is no column")
  func marks() {
    #expect(written(.code("```\n", language: "sh")) == "````sh\n```\n````\n")
    let table = written(.table(caption: "", header: ["a"], rows: [[[.code("x | y")]]]))
    #expect(table == "| a |\n| --- |\n| `x \\| y` |\n")
  }

  @Test("what belongs to an item stands under it")
  func items() {
    let text = written(
      .tasks([[.paragraph(["a"]), .code("b", language: "")], [.paragraph(["c"])]]))
    #expect(text == "- [ ] a\n\n  ```\n  b\n  ```\n\n- [ ] c\n")
  }

  @Test("an author's text keeps its paragraphs, lists and code")
  func prose() {
    let blocks = Prose.blocks("a\nb `c d`\n\n- e\n  f\n* **g** h`\n")
    #expect(
      blocks == [
        .paragraph([.text("a b "), .code("c d")]),
        .bullets([
          [.paragraph([.text("e f")])], [.paragraph([.strong([.text("g")]), .text(" h`")])],
        ]),
      ])
  }

  @Test("an anchor is the one that GitHub makes")
  func anchors() {
    #expect(Page.anchor([.text("12. Put the `copy`, in: place_x")]) == "12-put-the-copy-in-place_x")
  }
}
