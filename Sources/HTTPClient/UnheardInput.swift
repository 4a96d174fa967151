/// Whether input of a transfer may be there that nobody was told of.
///
/// libcurl 7.88 reads a connection for whichever of its HTTP/2 streams is looked at, and what it reads of
/// another one in the same go, that one may not hear of: it waits for a socket that has given all. So a
/// transfer to which nothing comes looks by itself: soon after something came, ever more rarely later.
/// That costs next to nothing, and finds nothing where the server just has nothing to say.
struct UnheardInput {
  private var silentPeriods = 0

  /// Something came.
  mutating func hear() { silentPeriods = 0 }

  /// A period has passed: whether to look now.
  mutating func isToLook() -> Bool {
    defer { silentPeriods += 1 }
    switch silentPeriods {
    // It may have come right before.
    case 0: return false
    case 1, 4, 16, 64: return true
    default: return silentPeriods.isMultiple(of: 256)
    }
  }
}
