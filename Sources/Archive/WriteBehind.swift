internal import COmc
internal import SystemPackage

/// Sets the disk to work while a file is still being written. By itself the kernel waits for seconds,
/// or for a tenth of the memory, and the disk's whole work is left for the sync at the end.
struct WriteBehind {
  /// Up to where the kernel has been told.
  private var begun: Int64 = 0
  private static let step: Int64 = 16 << 20

  /// Says up to where the file is written, from its start on.
  mutating func reached(_ bytes: Int64, in file: FileDescriptor) {
    guard bytes - begun >= WriteBehind.step else { return }
    omc_begin_writing(file.rawValue, begun, bytes - begun)
    begun = bytes
  }
}
