import Terminal
import Testing

@Suite struct DisplayWidthTests {
  @Test(
    "a terminal's columns",
    arguments: [
      ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本語", 6), ("한국", 4), ("ﾊﾝ", 2),
      ("Ａ", 2), ("😀", 2), ("👨‍👩‍👧", 2), ("🇩🇪", 2), ("👍🏽", 2), ("☺", 1), ("☺\u{FE0F}", 2),
      ("a\u{200D}b", 2), ("…", 1), ("ไทย", 3), ("ที่", 1),
    ])
  func width(_ text: String, _ columns: Int) {
    #expect(text.displayWidth == columns)
  }

  @Test("padding and cutting count columns, and cut no character in two")
  func fitting() {
    #expect("日本".padded(to: 6) == "日本  ")
    #expect("7".padded(to: 3, alignRight: true) == "  7")
    #expect("longer".padded(to: 3) == "longer")
    #expect("日本語".truncated(to: 5) == "日本…")
    #expect("日本語".truncated(to: 4) == "日…")
    #expect("abc".truncated(to: 3) == "abc")
    #expect("abc".truncated(to: 0) == "")
  }

  @Test(
    "what could speak to the terminal is spelt out",
    arguments: [
      ("plain ü 日本", "plain ü 日本"), ("a\tb\nc\r", "a\\tb\\nc\\r"),
      ("\u{1B}[31mred", "\\x1b[31mred"), ("\u{9B}31m", "\\x9b31m"), ("\u{7F}", "\\x7f"),
      ("left\u{202E}right", "left\\u202eright"), ("\u{FEFF}x", "\\ufeffx"),
    ])
  func harmless(_ text: String, _ shown: String) {
    #expect(text.harmless == shown)
  }
}
