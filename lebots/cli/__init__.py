"""The command line: parses, calls a run, prints and exits.

Every command imports what it needs when it runs, so that ``lebots --version`` stays fast.
"""

import gc
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from signal import SIGTERM, default_int_handler, signal
from typing import Annotated, NoReturn

import typer

from lebots import __version__
from lebots.cli.commands import sandbox
from lebots.cli.commands.apply import apply
from lebots.cli.commands.compare import compare
from lebots.cli.commands.doctor import doctor
from lebots.cli.commands.explain import explain
from lebots.cli.commands.fmt import fmt
from lebots.cli.commands.get import get
from lebots.cli.commands.import_ import import_
from lebots.cli.commands.init import init
from lebots.cli.commands.plan import plan
from lebots.cli.commands.rotate import rotate
from lebots.cli.commands.schema import schema
from lebots.cli.commands.validate import validate
from lebots.cli.commands.verify import verify
from lebots.cli.terminal import encoding, streams
from lebots.cli.unused import leave_out
from lebots.errors import InvalidInput, LebotsError
from lebots.run.notices import message

app = typer.Typer(
    name="lebots",
    help="Bots of a LivePerson account, kept in git: plan in a pull request, apply exactly that.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.command()(plan)
app.command()(apply)
app.command()(validate)
app.command(name="import")(import_)
app.command()(fmt)
app.command()(compare)
app.command()(doctor)
app.command()(verify)
app.command()(rotate)
app.command()(schema)
app.command()(explain)
app.command()(get)
app.command()(init)
app.add_typer(sandbox.app, name="sandbox")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs one command and exits with its code; the one place that turns errors into codes."""
    if arguments is None:
        encoding.in_utf8()
    streams.prepare()
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
        from lebots.render.plain.plan import findings

        message(findings(error.findings))
        return error.exit_code
    except LebotsError as error:
        from lebots.render.escape import visible

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
) -> None:
    pass
