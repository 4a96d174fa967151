/// Where a leg of a run ends as if its process had died: a test of what a resume makes of it.
public enum CutPoint: Hashable, Sendable {
  /// Instead of writing this record, counted from 1 in this leg: what it tells of has happened.
  case before(Int)
  /// Right after this record was written.
  case after(Int)
}
