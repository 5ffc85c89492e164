"""What a run of the tests left out, and how to run it: the last thing that it says."""

from collections import Counter

import pytest

BROWSER = "needs a browser: make browser"
NODE = "needs node and npm: install Node.js"
PACKAGES = "needs packages of the npm registry: connect to it, or set a mirror in .npmrc"
BASH = "needs bash: install it"
NO_ROOT = "needs a user that is not root: run the tests as one"
ROOT = "needs root: run the tests as root"
PROC = "needs /proc: run the tests on Linux"
FULL = "needs /dev/full: run the tests on Linux"
NAMES = "needs a file system that takes any name: run the tests on one"
OLD_TLS = "needs an OpenSSL that can speak old versions of TLS: run the tests with one"
ELSEWHERE = frozenset({NO_ROOT, ROOT, PROC, FULL, NAMES, OLD_TLS})
"""What the machine or user of this run cannot do; whatever else is skipped could be run here."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--complete", action="store_true", help="fail where a test is skipped that could be run"
    )


def skipped(reporter: pytest.TerminalReporter) -> Counter[str]:
    """The reasons for which tests were skipped, and how many for each."""
    reports = reporter.stats.get("skipped", [])
    return Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in reports)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not session.config.getoption("complete"):
        return
    if skipped(reporter).keys() - ELSEWHERE and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    reasons = skipped(terminalreporter)
    lines = [f"{count:>5}  {reason}" for reason, count in sorted(reasons.items())]
    if config.option.markexpr == "not nightly":
        lines.append(" long  needs minutes: make nightly")
    if lines:
        terminalreporter.section("not run")
    for line in lines:
        terminalreporter.write_line(line)
    if config.getoption("complete") and (possible := reasons.keys() - ELSEWHERE):
        words = f"--complete: {sum(reasons[one] for one in possible)} skipped that could be run"
        terminalreporter.write_line(words, red=True)
