import CZlib
import Glibc
import ProgramRunner
import SystemPackage
import Testing

/// A browser without a screen, which looks at pages as a reader would.
struct Browser {
  /// Debian's Chromium; nil where it is not installed.
  static let installed: Browser? =
    access("/usr/bin/chromium", X_OK) == 0 ? Browser() : nil

  /// What a page looked like.
  struct View {
    /// The page after its scripts have run.
    var dom: String
    var picture: Picture
    /// What the page complained about.
    var complaints: [String]
  }

  /// Opens a file.
  ///
  /// - Parameter isDark: whether the reader's system is set to dark colours.
  func open(
    _ page: FilePath, size: (width: Int, height: Int), isDark: Bool, in folder: FilePath
  ) async throws -> View {
    let shot = folder.appending("\(page.stem ?? "page")-\(isDark ? "dark" : "light").png")
    let result = try await Program("/usr/bin/chromium").run(
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
        "--user-data-dir=\(folder.appending("profile"))", "--enable-logging=stderr",
        "--window-size=\(size.width),\(size.height)", "--virtual-time-budget=2000",
        "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)",
        "--screenshot=\(shot)", "--dump-dom", "file://\(page)",
      ], in: folder, timeout: .seconds(60))
    #expect(result.exitCode == 0, "\(result.errorOutput.suffix(2000))")
    return View(
      dom: result.output, picture: try Picture(png: shot),
      complaints: result.errorOutput.split(separator: "\n").filter { $0.contains("CONSOLE") }
        .map(String.init))
  }
}

/// A picture's pixels.
struct Picture {
  let width: Int
  let height: Int
  /// Red, green, blue, row by row.
  let pixels: [UInt32]

  struct Unreadable: Error {}

  /// Reads a PNG of eight bits a channel, not interlaced, which is what browsers write.
  init(png path: FilePath) throws {
    let file = try FileDescriptor.open(path, .readOnly)
    let bytes = try file.closeAfter {
      let size = Int(try file.seek(offset: 0, from: .end))
      return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = 0
        while count < size {
          let part = UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
          let read = try file.read(fromAbsoluteOffset: Int64(count), into: part)
          if read == 0 { break }
          count += read
        }
      }
    }
    func number(_ offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    guard bytes.count > 33, bytes[24] == 8, bytes[28] == 0, bytes[25] == 2 || bytes[25] == 6 else {
      throw Unreadable()
    }
    (width, height) = (number(16), number(20))
    let channels = bytes[25] == 2 ? 3 : 4
    var packed: [UInt8] = []
    var offset = 8
    while offset + 8 <= bytes.count {
      let length = number(offset)
      if bytes[offset + 4..<offset + 8].elementsEqual("IDAT".utf8) {
        packed += bytes[offset + 8..<offset + 8 + length]
      }
      offset += length + 12
    }
    let rowBytes = width * channels + 1
    var raw = [UInt8](repeating: 0, count: rowBytes * height)
    var size = uLongf(raw.count)
    guard uncompress(&raw, &size, packed, uLong(packed.count)) == Z_OK, size == raw.count else {
      throw Unreadable()
    }
    pixels = Picture.unfiltered(raw, rowBytes, channels, height)
  }

  private static func unfiltered(
    _ raw: [UInt8], _ rowBytes: Int, _ channels: Int, _ height: Int
  ) -> [UInt32] {
    var pixels: [UInt32] = []
    pixels.reserveCapacity((rowBytes - 1) / channels * height)
    var above = [UInt8](repeating: 0, count: rowBytes - 1)
    for row in 0..<height {
      let filter = raw[row * rowBytes]
      var line = Array(raw[row * rowBytes + 1..<(row + 1) * rowBytes])
      for index in line.indices {
        let left = index >= channels ? Int(line[index - channels]) : 0
        let up = Int(above[index])
        let corner = index >= channels ? Int(above[index - channels]) : 0
        let guess: Int
        switch filter {
        case 1: guess = left
        case 2: guess = up
        case 3: guess = (left + up) / 2
        case 4:
          let base = left + up - corner
          let (a, b, c) = (abs(base - left), abs(base - up), abs(base - corner))
          guess = a <= b && a <= c ? left : b <= c ? up : corner
        default: guess = 0
        }
        line[index] = line[index] &+ UInt8(truncatingIfNeeded: guess)
      }
      for start in stride(from: 0, to: line.count, by: channels) {
        pixels.append(
          UInt32(line[start]) << 16 | UInt32(line[start + 1]) << 8 | UInt32(line[start + 2]))
      }
      above = line
    }
    return pixels
  }

  /// How many different colours there are.
  var colours: Int { Set(pixels).count }

  /// The mean brightness, from 0 to 255.
  var brightness: Double {
    let sum = pixels.reduce(0) { $0 + Int($1 >> 16 & 255) + Int($1 >> 8 & 255) + Int($1 & 255) }
    return Double(sum) / Double(max(1, pixels.count) * 3)
  }
}
