"""Where lebots prints: results to stdout, everything else to stderr; colour only on a terminal."""

import os
import sys
from collections.abc import Iterable
from typing import TextIO

from lebots.core.model import Finding
from lebots.core.planner import stops
from lebots.errors import InvalidInput, Refused

_COLOURS = {
    "+": "green",
    "~": "yellow",
    "-": "red",
    "!": "bold magenta",
}
_HEADINGS = (
    "LOOK FIRST",
    "CHANGES",
    "DETAIL",
    "LEFT ALONE",
    "FINDINGS",
    "CALLS",
    "NEXT",
    "OUTCOME",
)


def result(text: str) -> None:
    """Prints a result to stdout, coloured line by line on a terminal.

    A reader that has gone away (``| head``) is no failure of the run.
    """
    try:
        if sys.stdout.isatty():
            _coloured(text)
        else:
            print(text, flush=True)  # noqa: T201
    except BrokenPipeError:
        _silence(sys.stdout)


def message(text: str) -> None:
    """Prints anything that is not the result to stderr."""
    try:
        print(text, file=sys.stderr, flush=True)  # noqa: T201
    except BrokenPipeError:
        _silence(sys.stderr)


def gate(findings: Iterable[Finding], *, show: bool = True) -> None:
    """Stops the run where a finding stands in its way; shows the others on stderr.

    Raises InvalidInput where the manifests are wrong, Refused where the account stands against
    them.
    """
    from lebots.core.model import Severity
    from lebots.render.text import findings as drawn

    findings = tuple(findings)
    if not stops(findings):
        if findings and show:
            message(drawn(findings))
        return
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise InvalidInput(findings)
    raise Refused(drawn(findings))


def _coloured(text: str) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for line in text.splitlines():
        console.print(Text(line, style=_style(line)))


def _style(line: str) -> str:
    if line.startswith(_HEADINGS):
        return "bold"
    marker = line[:1] if line[:1].strip() else line.strip().partition(" ")[2][:1]
    return _COLOURS.get(marker, "")


def _silence(stream: TextIO) -> None:
    # The interpreter flushes at exit; without this it would complain about the closed pipe there.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
