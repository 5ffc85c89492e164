"""Commands that are imported when they are asked for, not where they are listed."""

from functools import cached_property
from pkgutil import resolve_name
from typing import Any

import typer.main
from typer.core import TyperCommand, TyperGroup, TyperOption

from lebots.cli import commands
from lebots.run.notices import tell_requests


def _tell_requests(context: Any, option: Any, wanted: bool) -> None:
    if wanted:
        tell_requests(True)


class LazyCommand(TyperCommand):
    """A command as a list shows it; the one it stands for runs, tells its help and completes."""

    def __init__(self, name: str, place: str, summary: str) -> None:
        super().__init__(name, help=summary)
        self._place = place

    @cached_property
    def loaded(self) -> Any:
        """The command itself."""
        alone = typer.Typer(
            add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
        )
        alone.command(self.name)(resolve_name(f"{commands.__name__}.{self._place}"))
        command = typer.main.get_command(alone)
        # As an option of lebots itself, which help shows once, and people write behind the command.
        command.params.append(
            TyperOption(
                param_decls=["-v", "--verbose"],
                is_flag=True,
                expose_value=False,
                hidden=True,
                callback=_tell_requests,
            )
        )
        return command

    def make_context(self, *about: Any, **more: Any) -> Any:
        """The context of the command itself, in which nothing is left of this one."""
        return self.loaded.make_context(*about, **more)


class LazyGroup(TyperGroup):
    """A group of such commands: those of lebots, or those below one of them."""

    def __init__(self, *, table: commands.Commands = commands.COMMANDS, **about: Any) -> None:
        super().__init__(**about)
        for name, (place, summary) in table.items():
            self.commands[name] = (
                LazyCommand(name, place, summary)
                if isinstance(place, str)
                else LazyGroup(
                    name=name,
                    table=place,
                    help=summary,
                    no_args_is_help=True,
                    rich_markup_mode=None,
                )
            )
