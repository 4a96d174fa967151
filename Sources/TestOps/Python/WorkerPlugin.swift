/// The plugin of pytest's that a worker's interpreter runs the tests with.
enum WorkerPlugin {
  /// What the project's own options would do once for each worker and is meant to be done once for all.
  static let options = #"""
    def share(config):
        option, number = config.option, os.environ.get("OMCOPS_TEST_WORKER", "0")
        # Where the project's options start workers of pytest-xdist, each of ours would.
        for name, value in (("numprocesses", None), ("dist", "no"), ("tx", []), ("maxprocesses", None)):
            if hasattr(option, name):
                setattr(option, name, value)
        # Tests that are made by chance have to be the same ones everywhere.
        if getattr(option, "randomly_seed", None) == "default":
            seed = os.environ.get("PYTHONHASHSEED", "")
            option.randomly_seed = int(seed) if seed.isdigit() else 0
        if os.environ.get("OMCOPS_TEST_WORKERS", "1") == "1":
            return
        if getattr(option, "basetemp", None):
            # Each empties it in the beginning.
            option.basetemp = os.path.join(str(option.basetemp), "worker-" + number)
            os.makedirs(os.path.dirname(option.basetemp), exist_ok=True)
        if getattr(option, "xmlpath", None):
            option.xmlpath = None
            tell("note", text="the JUnit file of pytest's options is not written: no worker has run all tests; "
                 "omcops test --junit FILE writes one")


    def remember(config, passed, failed):
        # pytest's own record of what failed is one for all workers: each adds what it knows.
        plugin = config.pluginmanager.get_plugin("lfplugin")
        cache = getattr(config, "cache", None)
        if plugin is None or cache is None or not isinstance(getattr(plugin, "lastfailed", None), dict):
            return
        known = cache.get("cache/lastfailed", {})
        known = dict(known) if isinstance(known, dict) else {}
        for name in passed:
            known.pop(name, None)
        known.update(dict.fromkeys(failed, True))
        plugin.lastfailed = known


    """#

  static let source = #"""
    class Worker:
        # Of what set-up, call and tear-down say this stands for the whole.
        ORDER = ("failed", "error", "unexpected-pass", "expected-failure", "skipped")

        def __init__(self, pytest):
            self.pytest = pytest
            self.reports, self.warnings, self.current, self.affected = [], [], None, None
            self.passed, self.failed, self.has_failed = set(), set(), False
            self.coverage = None

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
                known.cov_fail_under = 0
            elif file and "OMCOPS_TEST_COVERAGE" in os.environ:
                import coverage
                self.coverage = coverage.Coverage(data_file=file)
                omit = list(self.coverage.get_option("run:omit") or [])
                self.coverage.set_option("run:omit", omit + [os.path.dirname(_program) + "/*"])
                self.coverage.start()
            yield

        def save_coverage(self):
            if self.coverage is not None:
                self.coverage.stop()
                self.coverage.save()

        def pytest_cmdline_main(self, config):
            share(config)
            yield

        def pytest_collectreport(self, report):
            if report.failed:
                tell("broken", id=report.nodeid or "", text=clipped(report.longreprtext, DETAILS))
            elif report.skipped and report.nodeid:
                reason = self.message(report)
                tell("note", text="%s is skipped as a whole%s" % (
                    report.nodeid, ": " + clipped(reason, MESSAGE) if reason else ""))

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

        def pytest_sessionfinish(self, session):
            self.has_failed = session.testsfailed > 0
            remember(session.config, self.passed, self.failed)

        def describe(self, item, key):
            path, line, name = item.location
            first, last = key.split("::", 1) if "::" in key else ("", key)
            suite = first[:-3] if first.endswith(".py") else first
            suite = suite.replace("/", ".")
            bare = last.split("[", 1)[0]
            if "::" in bare:
                classes = bare.rsplit("::", 1)[0]
                suite = suite + "." + classes.replace("::", ".")
                last = last[len(classes) + 2:]
            tell("test", id=key, affected=self.is_affected(item), file=path, line=None if line is None else line + 1,
                 suite=suite, name=last)

        def is_affected(self, item):
            if self.affected is None:
                folder = os.path.dirname(_program)
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
            self.items, self.keys = {}, {}
            for item in session.items:
                key = name = sound(item.nodeid)
                # Of equal names each is a test of its own.
                number = 1
                while key in self.items:
                    number += 1
                    key = "%s #%d" % (name, number)
                self.items[key], self.keys[item] = item, key
                self.describe(item, key)
            keep_what_is_loaded()
            tell("ready")
            if config.option.collectonly:
                tell("stopped", text="pytest is asked to collect only: no test is run", hard=True)
            else:
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
                item = self.items[queue.pop(0)]
                following = self.items[queue[0]] if queue else None
                if self.run(item, None if following is item else following, session):
                    return

        def run(self, item, following, session):
            self.reports, self.warnings, self.current = [], [], item
            if getattr(item, "_omcops_was_run", False) and hasattr(item, "_initrequest"):
                item._initrequest()
                del item._report_sections[:]
            item._omcops_was_run = True
            failures = session.testsfailed
            start = _epoch + _clock()
            tell("start", id=self.keys[item], start=start)
            try:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            except (self.pytest.exit.Exception, KeyboardInterrupt) as error:
                reason = str(error) or type(error).__name__
                tell("stopped", text=clipped("%s: %s" % (item.nodeid, reason), MESSAGE), hard=True)
                tell("end", **dict(self.result(item, start), outcome="error", message="it ended pytest: " + reason))
                raise
            result = self.result(item, start)
            self.current = None
            is_bad = result["outcome"] in ("failed", "error")
            (self.failed if is_bad else self.passed).add(item.nodeid)
            (self.passed if is_bad else self.failed).discard(item.nodeid)
            tell("end", **result)
            if is_bad:
                answer = hear()
                if "quit" in answer:
                    return True
                if "again" in answer:
                    # It has not failed yet, and -x or --maxfail have nothing to say.
                    session.testsfailed = failures
                    setattr(session, "_shouldfail" if hasattr(session, "_shouldfail") else "shouldfail", False)
                    return self.run(item, following, session)
            if session.shouldfail or session.shouldstop:
                tell("stopped", text=clipped(str(session.shouldfail or session.shouldstop), MESSAGE),
                     hard=not session.shouldfail)
                return True
            return False

        def result(self, item, start):
            verdicts, message, details, phases, sections = set(), None, [], {}, {}
            for report in self.reports:
                # A part of a test (subtests) that was skipped or went well does not speak for the whole.
                is_part = type(report).__name__.lower() == "subtestreport"
                if is_part and not report.failed:
                    continue
                if not is_part:
                    phases[report.when] = report.duration
                verdict = self.verdict(report)
                if verdict is None:
                    continue
                verdicts.add(verdict)
                if message is None or verdict in ("failed", "error"):
                    message = self.message(report)
                if report.failed:
                    details.append(report.longreprtext)
            outcome = next((verdict for verdict in self.ORDER if verdict in verdicts), "passed")
            if not self.reports:
                outcome, message = "error", "no plugin told how the test ended"
            for report in self.reports[-1:]:
                for title, text in report.sections:
                    if title.startswith("Captured "):
                        kind = "errors" if "stderr" in title else "output"
                        sections[kind] = sections.get(kind, "") + clipped(text, OUTPUT)
            return dict(
                id=self.keys[item], outcome=outcome, start=start,
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
            lines = text.strip().split("\n")
            # Where pytest says what is wrong behind the place: a fixture that is not there.
            marked = [line[1:].strip() for line in lines if line.startswith("E ")] if crash is None else []
            return (marked or lines)[0] or None

    """#
}
