public import ArgumentParser
internal import Diagnostics
public import Runbooks
internal import SystemPackage

/// `omcops runbook doc`: a runbook as a page by which a person can do it.
struct RunbookDoc: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "doc", abstract: "Render runbooks as procedures that a person can carry out.",
    discussion: discussion(
      """
      Each page says what the runbook needs, what must be so before and after every step, the command \
      that does it, and the way back. Without --to and --check pages go to standard output; without a \
      name all runbooks are rendered, with a page that lists them. --check writes nothing: it ends \
      with 1 and names the pages that are not what the runbooks say now. Connects to nothing.
      """, exits: [.done, .failed, .usage]))

  @OptionGroup var files: RunbookFileOptions

  @Option(help: "What to write: markdown, or html for pages that stand alone.")
  var format = RunbookDocument.Format.markdown

  @Option(
    help: ArgumentHelp(
      "Write the pages into this folder.", valueName: "dir"), completion: .directory)
  var to: String?

  @Flag(
    help: """
      Compare with the pages in --to; the default is the folder docs/runbooks beside that of the \
      runbooks.
      """)
  var check = false

  @Argument(help: "Names or files.", completion: .file(extensions: ["yaml", "yml"]))
  var runbooks: [String] = []

  func run(_ context: Context) async throws {
    let pages = try pages(context)
    if check {
      let folder = try to.map { FilePath($0) } ?? usualFolder(context)
      return try compare(pages, in: PageFolder(folder), context)
    }
    guard let to else {
      context.output.write(pages.filter { !$0.isIndex }.map(\.text).joined(separator: "\n"))
      return
    }
    let folder = PageFolder(FilePath(to))
    for page in pages { try folder.write(page.text, as: page.name) }
    let left = runbooks.isEmpty ? try folder.strays(beside: pages.map(\.name), format) : []
    for name in left {
      context.error.write("\(folder.path.appending(name)): there is no such runbook any more\n")
    }
    context.error.write("\(pages.count) pages in \(folder.path)\n")
  }

  /// A rendered page and the name of its file.
  private struct RenderedPage {
    var name: String
    var text: String
    var isIndex = false
  }

  private func pages(_ context: Context) throws -> [RenderedPage] {
    let catalog = liveCatalog(context)
    let paths =
      try runbooks.isEmpty
      ? files.folder(context).files() : runbooks.map { try files.file($0, context) }
    let loaded = try paths.map { try Runbook.load($0, catalog: catalog) }
    var pages = loaded.map { runbook in
      let document = RunbookDocument(runbook, catalog: catalog)
      return RenderedPage(
        name: "\(document.name).\(format.fileExtension)", text: document.text(as: format))
    }
    if runbooks.isEmpty {
      pages.append(
        RenderedPage(
          name: RunbookDocument.indexName(format),
          text: RunbookDocument.index(of: loaded, as: format), isIndex: true))
    }
    return pages
  }

  private func usualFolder(_ context: Context) throws -> FilePath {
    let folder = try files.folder(context).path
    let parent = folder.removingLastComponent()
    return (parent.isEmpty && folder.isRelative ? FilePath(".") : parent)
      .appending("docs").appending("runbooks")
  }

  private func compare(_ pages: [RenderedPage], in folder: PageFolder, _ context: Context) throws {
    var stale = 0
    for page in pages {
      let path = folder.path.appending(page.name)
      guard let found = try folder.read(page.name) else {
        stale += 1
        context.output.write("\(path): missing\n")
        continue
      }
      let difference = LineDifference.text(from: found, to: page.text)
      if difference.isEmpty { continue }
      stale += 1
      context.output.write("\(path): stale\n")
      for line in difference { context.output.write("  \(line)\n") }
    }
    if runbooks.isEmpty {
      for name in try folder.strays(beside: pages.map(\.name), format) {
        stale += 1
        context.output.write("\(folder.path.appending(name)): there is no such runbook any more\n")
      }
    }
    guard stale > 0 else { return }
    let count = "\(stale) of \(pages.count) pages are"
    context.error.write(
      "omcops: \(stale == 1 ? "one page is" : count) not what the runbooks say\n"
        + "hint: render them with `omcops runbook doc --to \(folder.path)`\n")
    throw Ended(status: .failed)
  }
}

extension RunbookDocument.Format: ExpressibleByArgument {}

/// The folder that rendered pages are kept in.
private struct PageFolder {
  let path: FilePath

  init(_ path: FilePath) { self.path = path }

  /// Nil where there is no such page.
  func read(_ name: String) throws -> String? {
    let file = path.appending(name)
    do {
      return try WholeFile.read(file)
    } catch Errno.noSuchFileOrDirectory {
      return nil
    } catch let error as Errno {
      throw PageFailure(verb: "read", path: file, reason: error)
    }
  }

  func write(_ text: String, as name: String) throws {
    do {
      try WholeFile.makeFolder(path)
      try WholeFile.write(text, to: path.appending(name))
    } catch let error as Errno {
      throw PageFailure(verb: "write", path: path.appending(name), reason: error)
    }
  }

  /// Rendered pages that belong to none of the given ones.
  func strays(beside names: [String], _ format: RunbookDocument.Format) throws -> [String] {
    do {
      return try WholeFile.names(in: path).filter { name in
        guard name.hasSuffix(".\(format.fileExtension)"), !names.contains(name) else {
          return false
        }
        return RunbookDocument.isRendered(try WholeFile.read(path.appending(name)))
      }
    } catch Errno.noSuchFileOrDirectory {
      return []
    } catch let error as Errno {
      throw PageFailure(verb: "read", path: path, reason: error)
    }
  }
}

private struct PageFailure: Failure {
  var verb: String
  var path: FilePath
  var reason: Errno
  var message: String { "cannot \(verb) \(path): \(reason)" }
}
