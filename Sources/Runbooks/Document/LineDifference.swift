/// Where two texts begin to differ, in a few lines.
public enum LineDifference {
  /// The first lines that differ, as `-old` and `+new` behind their place; empty where the texts are
  /// equal.
  ///
  /// - Parameter limit: how many lines of each text are shown at most.
  public static func text(from old: String, to new: String, limit: Int = 6) -> [String] {
    let old = old.split(separator: "\n", omittingEmptySubsequences: false)
    let new = new.split(separator: "\n", omittingEmptySubsequences: false)
    let start = zip(old, new).prefix { $0 == $1 }.count
    let common = min(old.count, new.count) - start
    let end = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.prefix(common).count
    let (gone, come) = (old[start..<old.count - end], new[start..<new.count - end])
    if gone.isEmpty, come.isEmpty { return [] }
    func side(_ lines: ArraySlice<Substring>, _ mark: String) -> [String] {
      let shown = lines.prefix(limit).map { "\(mark)\($0)" }
      let rest = lines.count - shown.count
      return rest > 0 ? shown + ["\(mark)... \(rest) more lines"] : shown
    }
    return ["@@ line \(start + 1) @@"] + side(gone, "-") + side(come, "+")
  }
}
