/// How pages look: light and dark as the reader's system says, on paper without colour that wastes
/// ink, on a telephone without scrolling sideways.
package enum PageStyle {
  /// What every page has.
  package static let base: StaticString = """

    :root {
      color-scheme: light dark;
      --paper: #fbfaf8; --card: #ffffff; --ink: #1d2129; --soft: #5b6472; --line: #dfe2e7;
      --code: #f1f2f4; --link: #0b5cad;
      --good: #187a41; --bad: #b3261e; --warn: #8a5a00; --calm: #3f5f8a;
      --good-wash: #e5f4ea; --bad-wash: #fbe9e7; --warn-wash: #fbf0d9; --calm-wash: #e8eef7;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #14171c; --card: #1b1f26; --ink: #e6e8eb; --soft: #9aa4b2; --line: #313843;
        --code: #232830; --link: #7db7f5;
        --good: #62c98b; --bad: #ff8f85; --warn: #e5b255; --calm: #8fb3e3;
        --good-wash: #16301f; --bad-wash: #3b1d1b; --warn-wash: #352a13; --calm-wash: #1b2940;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--paper); color: var(--ink);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
      overflow-wrap: anywhere;
    }
    h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
    h1 { font-size: 1.7rem; margin: 0 0 .4rem; letter-spacing: -.01em; }
    h2 { font-size: 1.2rem; margin: 2.4rem 0 .8rem; }
    h3 { font-size: 1.02rem; margin: 1.6rem 0 .5rem; }
    p { margin: .5rem 0; }
    a { color: var(--link); }
    :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
    code, pre, .mono {
      font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
      font-size: .86em;
    }
    code { background: var(--code); border-radius: 4px; padding: .1em .3em; }
    pre {
      background: var(--code); border: 1px solid var(--line); border-radius: 8px;
      padding: .7rem .9rem; margin: .5rem 0; overflow-x: auto; line-height: 1.45; tab-size: 4;
    }
    pre code { background: none; padding: 0; font-size: 1em; }
    table { border-collapse: collapse; width: 100%; font-size: .93rem; }
    caption { text-align: left; color: var(--soft); font-size: .85rem; padding-bottom: .3rem; }
    th, td {
      text-align: left; vertical-align: top; padding: .42rem .7rem .42rem 0;
      border-bottom: 1px solid var(--line); font-weight: inherit;
    }
    thead th { color: var(--soft); font-size: .8rem; }
    .wide { overflow-x: auto; }
    @media print {
      :root {
        color-scheme: light;
        --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --code: #f6f6f6;
        --link: #000; --good: #116231; --bad: #98201a; --warn: #6d4700; --calm: #2c4668;
        --good-wash: #fff; --bad-wash: #fff; --warn-wash: #fff; --calm-wash: #fff;
      }
      body { font-size: 10.5pt; }
      pre { white-space: pre-wrap; overflow: visible; }
      h2, h3 { break-after: avoid; }
      tr, li { break-inside: avoid; }
    }

    """
}
