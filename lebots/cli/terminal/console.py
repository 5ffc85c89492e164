"""Where lebots prints: results to stdout, everything else to stderr; colour only on a terminal."""

import sys
from collections.abc import Callable, Sequence
from typing import TextIO

from typer import Exit

from lebots.cli.terminal import streams
from lebots.core.model.finding import Finding
from lebots.errors import LebotsError, Refused
from lebots.run.notices import gate, message

_COLOURS = {
    "+": "green",
    "~": "yellow",
    "-": "red",
    "!": "bold magenta",
}


_HEADINGS = (
    "NOT USED",
    "LOOK FIRST",
    "CHANGES",
    "DRIFT",
    "DETAIL",
    "HELD BACK",
    "UNMANAGED",
    "FINDINGS",
    "REFUSED",
    "CALLS",
    "NEXT",
    "OUTCOME",
)


def result(text: str) -> bool:
    """Prints a result to stdout, coloured line by line on a terminal; whether stdout took it."""
    return printed(_coloured(text, _style) if on_terminal(sys.stdout) else f"{text}\n")


def difference(text: str) -> None:
    """Prints a unified difference to stdout, coloured by the marks its lines begin with."""
    marked = _coloured(text, lambda line: _COLOURS.get(line[:1], ""))
    printed(marked if on_terminal(sys.stdout) else f"{text}\n")


def ask(question: str, ways: str, declined: str) -> None:
    """Asks on the terminal; raises Refused where nobody can be asked, or says anything but yes.

    ``ways`` are what to do where nobody can be asked, ``declined`` is what did not happen.
    """
    if not (on_terminal(sys.stdin) and on_terminal(sys.stderr)):
        raise Refused(f"nobody can be asked here; {ways}")
    if not _confirmed(question):
        raise Refused(f"not confirmed; {declined}")


def on_terminal(stream: TextIO | None) -> bool:
    """Whether the stream is a terminal; one that was closed (``<&-``) is none."""
    return stream is not None and stream.isatty()


def _confirmed(question: str) -> bool:
    """Whether the answer is a yes; the end of the input is a no."""
    print(f"{question} [y/N]: ", end="", file=sys.stderr, flush=True)  # noqa: T201
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        message("")
    return answer.strip().lower() in ("y", "yes")


def refuse(refused: Sequence[Finding], *, shown: bool) -> None:
    """Ends the run where a plan is refused, in few words where the terminal ``shown`` it has them.

    Raises as ``gate`` does, or Exit with the same code.
    """
    try:
        gate(refused)
    except LebotsError as error:
        if shown and on_terminal(sys.stdout) and on_terminal(sys.stderr):
            raise Exit(error.exit_code) from None
        raise


def printed(text: str) -> bool:
    """Prints text to stdout as it is; whether stdout took it."""
    sys.stdout.write(text)
    sys.stdout.flush()
    return streams.printed()


def _coloured(text: str, style: Callable[[str], str]) -> str:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    with console.capture() as captured:
        for line in text.splitlines():
            console.print(Text(line, style=style(line)))
    return captured.get()


def _style(line: str) -> str:
    if line.startswith(_HEADINGS):
        return "bold"
    marker = line[:1] if line[:1].strip() else line.strip().partition(" ")[2][:1]
    return _COLOURS.get(marker, "")
