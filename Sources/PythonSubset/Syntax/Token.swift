/// A token of a Python source: what it is and where.
struct Token {
  var kind: TokenKind
  /// Its first byte's offset.
  var start: UInt32
  /// The offset after its last byte.
  var end: UInt32
  /// Where it begins.
  var position: Position
}

/// What a token is.
enum TokenKind: UInt8 {
  case endOfFile, newline, indent, dedent
  /// The lexer stopped here; its failure tells why.
  case failure
  case name, number
  /// A whole literal that is not an f-string, with prefix and quotes.
  case string
  /// An f-string's prefix and opening quotes.
  case formattedStart
  /// Literal text of an f-string or of a format specification.
  case formattedText
  /// An f-string's closing quotes.
  case formattedEnd

  case leftParen, rightParen, leftBracket, rightBracket, leftBrace, rightBrace, comma, colon,
    semicolon, dot, ellipsis, arrow, walrus, assign, exclamation, plus, minus, star, slash,
    doubleSlash, percent, at, doubleStar, leftShift, rightShift, ampersand, pipe, caret, tilde,
    equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, plusAssign, minusAssign,
    starAssign, slashAssign, doubleSlashAssign, percentAssign, atAssign, doubleStarAssign,
    leftShiftAssign, rightShiftAssign, ampersandAssign, pipeAssign, caretAssign

  case keywordFalse, keywordNone, keywordTrue, keywordAnd, keywordAs, keywordAssert,
    keywordAsync, keywordAwait, keywordBreak, keywordClass, keywordContinue, keywordDef,
    keywordDel, keywordElif, keywordElse, keywordExcept, keywordFinally, keywordFor, keywordFrom,
    keywordGlobal, keywordIf, keywordImport, keywordIn, keywordIs, keywordLambda,
    keywordNonlocal, keywordNot, keywordOr, keywordPass, keywordRaise, keywordReturn, keywordTry,
    keywordWhile, keywordWith, keywordYield

  /// The token as it is written, for messages; empty where it has no fixed text.
  var text: String {
    switch self {
    case .leftParen: "("
    case .rightParen: ")"
    case .leftBracket: "["
    case .rightBracket: "]"
    case .leftBrace: "{"
    case .rightBrace: "}"
    case .comma: ","
    case .colon: ":"
    case .semicolon: ";"
    case .dot: "."
    case .ellipsis: "..."
    case .arrow: "->"
    case .walrus: ":="
    case .assign: "="
    case .exclamation: "!"
    case .plus: "+"
    case .minus: "-"
    case .star: "*"
    case .slash: "/"
    case .doubleSlash: "//"
    case .percent: "%"
    case .at: "@"
    case .doubleStar: "**"
    case .leftShift: "<<"
    case .rightShift: ">>"
    case .ampersand: "&"
    case .pipe: "|"
    case .caret: "^"
    case .tilde: "~"
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    case .plusAssign: "+="
    case .minusAssign: "-="
    case .starAssign: "*="
    case .slashAssign: "/="
    case .doubleSlashAssign: "//="
    case .percentAssign: "%="
    case .atAssign: "@="
    case .doubleStarAssign: "**="
    case .leftShiftAssign: "<<="
    case .rightShiftAssign: ">>="
    case .ampersandAssign: "&="
    case .pipeAssign: "|="
    case .caretAssign: "^="
    case .keywordFalse: "False"
    case .keywordNone: "None"
    case .keywordTrue: "True"
    case .keywordAnd: "and"
    case .keywordAs: "as"
    case .keywordAssert: "assert"
    case .keywordAsync: "async"
    case .keywordAwait: "await"
    case .keywordBreak: "break"
    case .keywordClass: "class"
    case .keywordContinue: "continue"
    case .keywordDef: "def"
    case .keywordDel: "del"
    case .keywordElif: "elif"
    case .keywordElse: "else"
    case .keywordExcept: "except"
    case .keywordFinally: "finally"
    case .keywordFor: "for"
    case .keywordFrom: "from"
    case .keywordGlobal: "global"
    case .keywordIf: "if"
    case .keywordImport: "import"
    case .keywordIn: "in"
    case .keywordIs: "is"
    case .keywordLambda: "lambda"
    case .keywordNonlocal: "nonlocal"
    case .keywordNot: "not"
    case .keywordOr: "or"
    case .keywordPass: "pass"
    case .keywordRaise: "raise"
    case .keywordReturn: "return"
    case .keywordTry: "try"
    case .keywordWhile: "while"
    case .keywordWith: "with"
    case .keywordYield: "yield"
    case .endOfFile, .newline, .indent, .dedent, .failure, .name, .number, .string, .formattedStart,
      .formattedText, .formattedEnd:
      ""
    }
  }

  /// Whether the word is reserved.
  var isKeyword: Bool { rawValue >= TokenKind.keywordFalse.rawValue }

  /// The reserved word whose bytes, the first lowest, make up `word`.
  static func keyword(packed word: UInt64) -> TokenKind? {
    switch word {
    case 0x65736C6146: .keywordFalse
    case 0x656E6F4E: .keywordNone
    case 0x65757254: .keywordTrue
    case 0x646E61: .keywordAnd
    case 0x7361: .keywordAs
    case 0x747265737361: .keywordAssert
    case 0x636E797361: .keywordAsync
    case 0x7469617761: .keywordAwait
    case 0x6B61657262: .keywordBreak
    case 0x7373616C63: .keywordClass
    case 0x65756E69746E6F63: .keywordContinue
    case 0x666564: .keywordDef
    case 0x6C6564: .keywordDel
    case 0x66696C65: .keywordElif
    case 0x65736C65: .keywordElse
    case 0x747065637865: .keywordExcept
    case 0x796C6C616E6966: .keywordFinally
    case 0x726F66: .keywordFor
    case 0x6D6F7266: .keywordFrom
    case 0x6C61626F6C67: .keywordGlobal
    case 0x6669: .keywordIf
    case 0x74726F706D69: .keywordImport
    case 0x6E69: .keywordIn
    case 0x7369: .keywordIs
    case 0x6164626D616C: .keywordLambda
    case 0x6C61636F6C6E6F6E: .keywordNonlocal
    case 0x746F6E: .keywordNot
    case 0x726F: .keywordOr
    case 0x73736170: .keywordPass
    case 0x6573696172: .keywordRaise
    case 0x6E7275746572: .keywordReturn
    case 0x797274: .keywordTry
    case 0x656C696877: .keywordWhile
    case 0x68746977: .keywordWith
    case 0x646C656979: .keywordYield
    default: nil
    }
  }
}
