public import Quantities

/// How far long work is; commands render it, libraries only tell.
public struct Progress: Hashable, Sendable {
  /// What is being done, as a word for people: `verifying`, `copying`, `indexing`.
  public var phase: String
  /// What it is being done to at the moment: a table, a file.
  public var item: String?
  /// How much is done.
  public var bytesDone: ByteCount
  /// How much there is, where that is known.
  public var bytesTotal: ByteCount?
  /// How many of the things are done.
  public var itemsDone: Int
  /// How many things there are, where that is known.
  public var itemsTotal: Int?

  /// Describes a moment.
  public init(
    phase: String, item: String? = nil, bytesDone: ByteCount = ByteCount(0),
    bytesTotal: ByteCount? = nil, itemsDone: Int = 0, itemsTotal: Int? = nil
  ) {
    self.phase = phase
    self.item = item
    self.bytesDone = bytesDone
    self.bytesTotal = bytesTotal
    self.itemsDone = itemsDone
    self.itemsTotal = itemsTotal
  }

  /// The part that is done, 0...1: by bytes where they are known, else by things.
  public var fraction: Double? {
    if let total = bytesTotal, total.bytes > 0 {
      return min(1, Double(bytesDone.bytes) / Double(total.bytes))
    }
    if let total = itemsTotal, total > 0 { return min(1, Double(itemsDone) / Double(total)) }
    return nil
  }
}

/// Is told how far the work is, often and from any thread; must return at once.
public typealias ProgressHandler = @Sendable (Progress) -> Void
