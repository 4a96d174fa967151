/// What a worker's interpreter runs: pytest, with a plugin of ours that takes the tests one after the
/// other from omcops and tells of each.
///
/// The interpreter's standard input and output become the line to omcops, a JSON object on each line,
/// before anything of the project is loaded; what the project reads and writes there then is `/dev/null`
/// and standard error. Nothing of the project is changed, and other plugins, pytest-xdist among them, are
/// not needed. Works from Python 3.8 and pytest 7 on.
enum WorkerProgram {
  /// What `python -c` is given; the program's file and pytest's arguments follow.
  ///
  /// - Parameter folderFirst: where the working folder stands among the places that modules are looked
  ///   for in: before all others, as with `python -m pytest`, or behind them. Behind them what is
  ///   installed counts, as with `pytest`, and a project that is nowhere installed is found yet.
  static func loader(folderFirst: Bool) -> String {
    let place = folderFirst ? "0" : "len(sys.path)"
    return """
      import os, sys
      if sys.path[:1] == [""]: sys.path.pop(0); sys.path.insert(\(place), os.getcwd())
      sys.argv.pop(0); exec(compile(open(sys.argv[0], "rb").read(), sys.argv[0], "exec"))
      """
  }

  /// The exit code of an interpreter that has no line to omcops any more.
  static let lostLine: Int32 = 171

  static let source = line + WorkerPlugin.options + WorkerPlugin.source + main

  /// The line to omcops. All that it needs is kept under names of its own: whatever a test replaces, stops
  /// or closes, what is told of it has to arrive.
  private static let line = #"""
    import atexit, fcntl, gc, json, os, select, sys, threading, time

    _dumps, _loads, _read, _write = json.dumps, json.loads, os.read, os.write
    _fstat, _getpid, _exit, _select = os.fstat, os.getpid, os._exit, select.select
    # The wall clock as it was in the beginning: tests stop it, and set it.
    _clock = time.perf_counter
    _epoch = time.time() - _clock()


    def _aside(descriptor):
        # High up, out of the way of tests that close what they find. Programs that tests start do not
        # inherit it.
        try:
            return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 200)
        except (OSError, ValueError):
            return os.dup(descriptor)


    _in, _out, _heard = _aside(0), _aside(1), bytearray()
    _null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(_null, 0)
    os.close(_null)
    os.dup2(2, 1)
    os.register_at_fork(after_in_child=lambda: (os.close(_in), os.close(_out)))
    _pid = os.getpid()
    _own = {fd: (_fstat(fd).st_dev, _fstat(fd).st_ino) for fd in (_in, _out)}
    _program = sys.argv[0]

    OUTPUT, DETAILS, MESSAGE = 65536, 262144, 2000


    def clipped(text, limit):
        if len(text) <= limit:
            return text
        half = limit // 2
        return "%s\n[... %d characters left out ...]\n%s" % (
            text[:half], len(text) - 2 * half, text[-half:])


    def sound(value):
        # What no encoding has is written out: half a surrogate pair is no text to anybody else.
        if isinstance(value, str):
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        if isinstance(value, (list, tuple)):
            return [sound(part) for part in value]
        return value


    def check(descriptor):
        # A child that forgot to leave does not speak for the worker.
        if _getpid() != _pid:
            _exit(70)
        try:
            status = _fstat(descriptor)
            if (status.st_dev, status.st_ino) == _own[descriptor]:
                return
        except OSError:
            pass
        try:
            _write(2, b"omcops: a file descriptor that is not the test's own was closed: "
                      b"the line to omcops\n")
        finally:
            _exit(\#(lostLine))


    def tell(event, **values):
        if _getpid() != _pid:
            return
        check(_out)
        values = {name: sound(value) for name, value in values.items()}
        values["e"] = event
        line = (_dumps(values) + "\n").encode()
        while line:
            line = line[_write(_out, line):]


    def hear():
        while b"\n" not in _heard:
            check(_in)
            more = _read(_in, 65536)
            if not more:
                _exit(70)  # omcops is gone
            _heard.extend(more)
        end = _heard.index(b"\n") + 1
        line = bytes(_heard[:end])
        del _heard[:end]
        return _loads(line)


    def is_told_to_quit():
        check(_in)
        if _heard or _select([_in], [], [], 0)[0]:
            return "quit" in hear()
        return False


    def die_with_parent():
        # Where omcops is killed, no test shall go on behind its back.
        try:
            import ctypes
            ctypes.CDLL(None).prctl(1, 9)
        except Exception:
            pass


    """#

  private static let main = #"""


    # Nothing that is loaded and collected is garbage: to look for some again and again takes a third of the
    # time. By its threshold, as a project may switch the collector off or on itself.
    _threshold, _rare = gc.get_threshold(), 1 << 30
    gc.set_threshold(_rare)


    def keep_what_is_loaded():
        if gc.get_threshold()[0] == _rare:
            gc.collect()
            gc.freeze()
            gc.set_threshold(*_threshold)


    def leave(status):
        # What is registered for the end is done; that all is taken apart bit by bit helps nobody.
        try:
            threading._shutdown()
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            _exit(status)


    def main():
        die_with_parent()
        try:
            import pytest
        except ImportError as error:
            tell("fatal", text="%s has no pytest: %s" % (sys.executable, error), kind="no-pytest")
            return 3
        if "OMCOPS_TEST_COVERAGE" in os.environ:
            try:
                import coverage
            except ImportError as error:
                tell("fatal", text="%s has no coverage.py, which measuring what the tests run needs: %s" % (
                    sys.executable, error), kind="no-pytest")
                return 3
        tell("hello", python=sys.version.split()[0], pytest=pytest.__version__, executable=sys.executable)
        # What `python -m pytest` has there, for those who look.
        sys.argv[0] = os.path.join(os.path.dirname(pytest.__file__), "__main__.py")
        for name, options in (
                ("pytest_load_initial_conftests", {"hookwrapper": True, "tryfirst": True}),
                ("pytest_cmdline_main", {"hookwrapper": True, "tryfirst": True}),
                ("pytest_sessionfinish", {"tryfirst": True}), ("pytest_runtestloop", {"tryfirst": True})):
            setattr(Worker, name, pytest.hookimpl(**options)(getattr(Worker, name)))
        worker = Worker(pytest)
        status = int(pytest.main(sys.argv[1:], plugins=[worker]))
        worker.save_coverage()
        tell("bye", status=status, odd=not (status in (0, 5) or status == 1 and worker.has_failed))
        return status


    leave(main())
    """#
}
