/// What a worker's interpreter runs: pytest, with a plugin of ours that takes the tests one after the
/// other from omcops and tells of each.
///
/// The interpreter's standard input and output become the line to omcops, a JSON object on each line,
/// before anything of the project is loaded; what the project reads and writes there then is `/dev/null`
/// and standard error. Nothing of the project is changed, and other plugins, pytest-xdist among them, are
/// not needed. Works from Python 3.8 and pytest 7 on.
enum WorkerProgram {
  /// What `python -c` is given; the program's file and pytest's arguments follow. So `sys.path` begins
  /// with the working folder, as with `python -m pytest`.
  static let loader = """
    import sys; sys.argv.pop(0); exec(compile(open(sys.argv[0], "rb").read(), sys.argv[0], "exec"))
    """

  static let source = #"""
    import json, os, select, sys, time

    # The line to omcops. Programs that tests start do not inherit it; children of fork() close it.
    _in, _out, _heard = os.dup(0), os.dup(1), bytearray()
    _null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(_null, 0)
    os.close(_null)
    os.dup2(2, 1)
    os.register_at_fork(after_in_child=lambda: (os.close(_in), os.close(_out)))
    _pid = os.getpid()

    OUTPUT, DETAILS, MESSAGE = 65536, 262144, 2000


    def clipped(text, limit):
        if len(text) <= limit:
            return text
        half = limit // 2
        return "%s\n[... %d characters left out ...]\n%s" % (
            text[:half], len(text) - 2 * half, text[-half:])


    def tell(event, **values):
        # A child that forgot to leave does not speak for the worker.
        if os.getpid() != _pid:
            return
        values["e"] = event
        line = (json.dumps(values) + "\n").encode()
        while line:
            line = line[os.write(_out, line):]


    def hear():
        while b"\n" not in _heard:
            more = os.read(_in, 65536)
            if not more:
                os._exit(70)  # omcops is gone
            _heard.extend(more)
        end = _heard.index(b"\n") + 1
        line = bytes(_heard[:end])
        del _heard[:end]
        return json.loads(line)


    def is_told_to_quit():
        if _heard or select.select([_in], [], [], 0)[0]:
            return "quit" in hear()
        return False


    def die_with_parent():
        # Where omcops is killed, no test shall go on behind its back.
        try:
            import ctypes
            ctypes.CDLL(None).prctl(1, 9)
        except Exception:
            pass


    class Worker:
        def __init__(self, pytest):
            self.pytest = pytest
            self.reports, self.warnings, self.current, self.affected = [], [], None, None
            self.coverage = None

        def without_xdist(self, config):
            # Where the project's options start workers of pytest-xdist, each of ours would.
            for name, value in (("numprocesses", None), ("dist", "no"), ("tx", []), ("maxprocesses", None)):
                if hasattr(config.option, name):
                    setattr(config.option, name, value)
            yield

        def pytest_load_initial_conftests(self, early_config):
            # Before any of the project's own modules is loaded, and before pytest-cov looks.
            known = early_config.known_args_namespace
            file = os.environ.get("OMCOPS_TEST_COVERAGE_FILE")
            if file and getattr(known, "cov_source", None):
                os.environ["COVERAGE_FILE"] = file
                if getattr(known, "cov_fail_under", None):
                    # Asked of all workers together.
                    with open(os.path.join(os.path.dirname(file), "required"), "w") as required:
                        required.write(str(known.cov_fail_under))
            elif file and "OMCOPS_TEST_COVERAGE" in os.environ:
                import coverage
                self.coverage = coverage.Coverage(data_file=file)
                omit = list(self.coverage.get_option("run:omit") or [])
                self.coverage.set_option("run:omit", omit + [os.path.dirname(sys.argv[0]) + "/*"])
                self.coverage.start()
            yield

        def save_coverage(self):
            if self.coverage is not None:
                self.coverage.stop()
                self.coverage.save()

        def pytest_collectreport(self, report):
            if report.failed:
                tell("broken", id=report.nodeid or "", text=clipped(report.longreprtext, DETAILS))

        def pytest_deselected(self, items):
            tell("deselected", count=len(items))

        def pytest_warning_recorded(self, warning_message, when, nodeid, location):
            text = "%s:%s: %s: %s" % (
                warning_message.filename, warning_message.lineno,
                warning_message.category.__name__, warning_message.message)
            if self.current is not None and nodeid == self.current.nodeid:
                if len(self.warnings) < 100:
                    self.warnings.append(clipped(text, MESSAGE))
            elif when != "runtest":
                tell("warning", text=clipped(text, MESSAGE))

        def pytest_runtest_logreport(self, report):
            self.reports.append(report)

        def pytest_internalerror(self, excrepr):
            tell("fatal", text=clipped(str(excrepr), DETAILS))

        def describe(self, item):
            path, line, name = item.location
            first, last = item.nodeid.split("::", 1) if "::" in item.nodeid else ("", item.nodeid)
            suite = first[:-3] if first.endswith(".py") else first
            suite = suite.replace("/", ".")
            bare = last.split("[", 1)[0]
            if "::" in bare:
                classes = bare.rsplit("::", 1)[0]
                suite = suite + "." + classes.replace("::", ".")
                last = last[len(classes) + 2:]
            tell("test", id=item.nodeid, affected=self.is_affected(item), file=path, line=None if line is None else line + 1,
                 suite=suite, name=last)

        def is_affected(self, item):
            if self.affected is None:
                folder = os.path.dirname(sys.argv[0])
                file = os.path.join(folder, "changed.json")
                if os.path.exists(file):
                    names = {}
                    with open(os.path.join(folder, "omcops_affected.py")) as program:
                        exec(program.read(), names)
                    self.affected = names["Affected"](file, os.getcwd(), item.session.items)
                else:
                    self.affected = lambda item: True
            return self.affected(item)

        def pytest_runtestloop(self, session):
            config = session.config
            failed = session.testsfailed
            if failed and not config.option.continue_on_collection_errors:
                tell("stopped", text="%d error%s during collection" % (failed, "s"[:failed != 1]))
                return True
            if config.option.collectonly:
                for item in session.items:
                    self.describe(item)
                tell("ready")
                return True
            self.items = {}
            for item in session.items:
                self.items.setdefault(item.nodeid, []).append(item)
                self.describe(item)
            tell("ready")
            self.loop(session)
            return True

        def loop(self, session):
            queue, ended = [], False
            while True:
                # A test's fixtures are torn down by what comes next, so that has to be known.
                while len(queue) < 2 and not ended:
                    tell("need")
                    command = hear()
                    if "quit" in command:
                        return
                    ended = "run" not in command
                    queue += command.get("run", ())
                if not queue or is_told_to_quit():
                    return
                name = queue.pop(0)
                item = self.item(name)
                following = self.item(queue[0]) if queue else None
                if following is item:
                    following = None
                if self.run(item, following, session):
                    return

        def item(self, name):
            items = self.items[name]
            # Of equal names each has its turn.
            if len(items) > 1:
                items.append(items.pop(0))
                return items[-1]
            return items[0]

        def run(self, item, following, session):
            self.reports, self.warnings, self.current = [], [], item
            if getattr(item, "_omcops_was_run", False) and hasattr(item, "_initrequest"):
                item._initrequest()
                del item._report_sections[:]
            item._omcops_was_run = True
            start = time.time()
            tell("start", id=item.nodeid, start=start)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            result = self.result(item, start)
            self.current = None
            tell("end", **result)
            if result["outcome"] in ("failed", "error"):
                answer = hear()
                if "quit" in answer:
                    return True
                if "again" in answer:
                    return self.run(item, following, session)
            if session.shouldfail or session.shouldstop:
                tell("stopped", text=str(session.shouldfail or session.shouldstop))
                return True
            return False

        def result(self, item, start):
            outcome, message, details, phases = "passed", None, [], {}
            for report in self.reports:
                phases[report.when] = report.duration
                verdict = self.verdict(report)
                if verdict is None:
                    continue
                if outcome != "failed" or verdict == "failed":
                    outcome = verdict
                if message is None or verdict in ("failed", "error"):
                    message = self.message(report)
                if report.failed:
                    details.append(report.longreprtext)
            if not self.reports:
                outcome, message = "error", "no plugin told how the test ended"
            sections = {}
            for report in self.reports[-1:]:
                for title, text in report.sections:
                    if title.startswith("Captured "):
                        kind = "errors" if "stderr" in title else "output"
                        sections[kind] = sections.get(kind, "") + text
            return dict(
                id=item.nodeid, outcome=outcome, start=start,
                duration=sum(phases.values()), message=message and clipped(message, MESSAGE),
                details=clipped("\n\n".join(details), DETAILS) if details else None,
                output=clipped(sections.get("output", ""), OUTPUT) or None,
                errors=clipped(sections.get("errors", ""), OUTPUT) or None,
                warnings=self.warnings)

        def verdict(self, report):
            if hasattr(report, "wasxfail"):
                if report.skipped:
                    return "expected-failure"
                if report.passed and report.when == "call":
                    return "unexpected-pass"
            if report.failed:
                return "failed" if report.when == "call" else "error"
            if report.skipped:
                return "skipped"
            return None

        def message(self, report):
            reason = getattr(report, "wasxfail", None)
            if reason is not None:
                return reason or None
            text = report.longrepr
            if report.skipped and isinstance(text, tuple):
                text = text[2]
                return text[len("Skipped: "):] if text.startswith("Skipped: ") else text
            crash = getattr(text, "reprcrash", None)
            text = crash.message if crash is not None else str(text)
            return text.strip().split("\n", 1)[0] if text.strip() else None


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
        Worker.pytest_cmdline_main = pytest.hookimpl(hookwrapper=True, tryfirst=True)(
            Worker.without_xdist)
        Worker.pytest_runtestloop = pytest.hookimpl(tryfirst=True)(Worker.pytest_runtestloop)
        Worker.pytest_load_initial_conftests = pytest.hookimpl(hookwrapper=True, tryfirst=True)(
            Worker.pytest_load_initial_conftests)
        worker = Worker(pytest)
        status = pytest.main(sys.argv[1:], plugins=[worker])
        worker.save_coverage()
        tell("bye", status=int(status))
        return int(status)


    sys.exit(main())
    """#
}
