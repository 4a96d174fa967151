"""A plugin of pytest: writes how each test came out, by the categories that pytest itself counts, as a line of
JSON each into the file that OUTCOMES names."""

import json
import os


class Outcomes:
    # Of what a test's set-up, call and tear-down said this stands for the whole.
    ORDER = ("failed", "error", "xpassed", "xfailed", "skipped", "passed")

    def __init__(self, config, file):
        self.config, self.file, self.seen = config, file, {}

    def pytest_runtest_logreport(self, report):
        # What a part of a test (subtests) says is its own affair, but for a failure.
        is_part = type(report).__name__ == "SubtestReport" or type(report).__name__ == "SubTestReport"
        category = self.config.hook.pytest_report_teststatus(report=report, config=self.config)[0]
        seen = self.seen.setdefault(report.nodeid, set())
        if is_part:
            category = "failed" if report.failed else None
        if category in self.ORDER:
            seen.add(category)

    def pytest_runtest_logfinish(self, nodeid):
        seen = self.seen.pop(nodeid, set())
        outcome = next((category for category in self.ORDER if category in seen), "none")
        self.write(id=nodeid, outcome=outcome)

    def pytest_collectreport(self, report):
        if report.failed:
            self.write(broken=report.nodeid)

    def pytest_sessionfinish(self, exitstatus):
        self.write(exit=int(exitstatus))

    def write(self, **values):
        self.file.write(json.dumps(values) + "\n")
        self.file.flush()


def pytest_configure(config):
    # Workers of pytest-xdist report to their controller, which has this plugin, too.
    if not hasattr(config, "workerinput"):
        # Out of reach of tests that clean the environment or change the folder.
        config.pluginmanager.register(Outcomes(config, open(os.environ["OUTCOMES"], "w")), "plain-outcomes")
