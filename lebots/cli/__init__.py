"""The command line: parses, calls a run, prints and exits."""

import gc
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from signal import SIGTERM, default_int_handler, signal
from typing import Annotated, NoReturn

import typer

from lebots import __version__
from lebots.cli.hardened import harden
from lebots.cli.lazy import LazyGroup
from lebots.cli.terminal import encoding, streams
from lebots.cli.unused import leave_out
from lebots.errors import InvalidInput, LebotsError
from lebots.render.escape import visible
from lebots.render.plain.plan import findings
from lebots.run.notices import message, tell_requests

COLLECTING = gc.get_threshold()
"""What a process that runs on is right with; a short run collects less."""

app = typer.Typer(
    name="lebots",
    cls=LazyGroup,
    help="Bots of a LivePerson account, kept in git: plan in a pull request, apply exactly that.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs one command and exits with its code; the one place that turns errors into codes."""
    if arguments is None:
        encoding.in_utf8()
    streams.prepare()
    harden()
    leave_out()
    # A run is short: what the collector would find is hardly worth its time.
    gc.set_threshold(500_000)
    # Ended from outside, a run still logs out and lets go of what it holds, as on Ctrl-C.
    signal(SIGTERM, default_int_handler)
    sys.exit(streams.ended(_run(arguments)))


def _run(arguments: Sequence[str] | None) -> int:
    """The exit code of a command."""
    try:
        app(list(arguments) if arguments is not None else None, prog_name="lebots")
    except SystemExit as ended:
        return int(ended.code or 0)
    except InvalidInput as error:
        message(findings(error.findings))
        return error.exit_code
    except LebotsError as error:
        # Line by line: a message may have several, and may quote what it was given.
        message("\n".join(map(visible, f"lebots: {error}".split("\n"))))
        return error.exit_code
    except Exception as error:
        return _bug(error)
    return 0


def _bug(error: Exception) -> int:
    """Says where lebots itself failed, without any value: text of an error may quote a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    message(
        f"lebots: a bug in lebots {__version__}: {type(error).__name__} at {place}; "
        "please report it with the command you ran"
    )
    return LebotsError.exit_code


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lebots {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="Log each request to stderr."),
    ] = False,
) -> None:
    tell_requests(verbose)
