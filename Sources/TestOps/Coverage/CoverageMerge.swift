internal import JSON
internal import Processes
internal import Synchronization
internal import SystemPackage

/// Merges the data of all interpreters into the project's own file, as `coverage combine` does, and says what
/// it comes to.
struct CoverageMerge: Sendable {
  let tool: CoverageTool
  let folder: String
  let wish: CoverageWish

  /// - Throws: `TestFailure` with what coverage.py said.
  func run(_ files: CoverageFiles) async throws -> Coverage {
    let output = Mutex<[UInt8]>([])
    let words = Mutex(Tail(limit: 8 << 10))
    let process = GroupProcess(
      executable: tool.interpreter,
      arguments: [
        tool.interpreter, "-c", CoverageProgram.source, files.folder, wish.xml ?? "",
        wish.html ?? "",
      ], environment: tool.environment, workingDirectory: folder, endsGroup: true)
    let end = try await process.run { channel, bytes in
      switch channel {
      case .output: output.withLock { $0 += bytes.prefix(max(0, 65536 - $0.count)) }
      case .error: words.withLock { $0.append(bytes) }
      }
    }
    try Task.checkCancellation()
    let said = words.withLock(\.text)?.split(separator: "\n").suffix(12).map(String.init) ?? []
    guard end == .exited(0), let json = try? JSON(parsing: output.withLock { $0 }),
      let percent = json["percent"]?.double
    else {
      throw TestFailure(
        "the coverage of the workers cannot be merged: coverage.py \(end.phrase)", details: said)
    }
    func number(_ key: String) -> Int { json[key]?.int.map { Int($0) } ?? 0 }
    return Coverage(
      percent: percent, statements: number("statements"), missing: number("missing"),
      branches: number("branches"), missingBranches: number("missing-branches"),
      required: json["required"]?.double)
  }
}

/// What the suite's interpreter runs to merge, with the project's own options.
enum CoverageProgram {
  static let source = """
    import json, os, sys, tempfile
    import coverage

    folder, xml, html = sys.argv[1:4]
    measured = coverage.Coverage()
    omit = list(measured.get_option("report:omit") or []) + [os.path.dirname(folder) + "/*"]
    measured.set_option("report:omit", omit)
    root = os.path.join(folder, "root")
    if os.path.exists(root):
        # What was measured in an image, where the same project is elsewhere.
        with open(root) as file:
            here, there = os.getcwd(), file.read()
        while os.path.basename(here) == os.path.basename(there) and os.path.dirname(there) != "/":
            here, there = os.path.dirname(here), os.path.dirname(there)
        measured.set_option("paths", dict(measured.get_option("paths") or {}, omcops=[here, there]))
    names = sorted(name for name in os.listdir(folder) if name.startswith(".coverage."))
    measured.combine([os.path.join(folder, name) for name in names], strict=True, keep=True)
    measured.save()
    required = measured.get_option("report:fail_under") or None
    if os.path.exists(os.path.join(folder, "required")):
        with open(os.path.join(folder, "required")) as file:
            required = float(file.read())
    handle, name = tempfile.mkstemp(dir=folder)
    os.close(handle)
    told = os.dup(1)
    os.dup2(2, 1)
    measured.json_report(outfile=name)
    if xml:
        measured.xml_report(outfile=xml)
    if html:
        measured.html_report(directory=html)
    with open(name) as file:
        totals = json.load(file)["totals"]
    result = {
        "percent": totals["percent_covered"], "statements": totals["num_statements"],
        "missing": totals["missing_lines"], "branches": totals.get("num_branches", 0),
        "missing-branches": totals.get("missing_branches", 0), "required": required,
    }
    os.write(told, json.dumps(result).encode())
    """
}
