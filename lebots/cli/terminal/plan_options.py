"""How a command line says what a run is asked for: each of ``PlanOptions``, declared once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

import typer

from lebots.cli.terminal.completion import declared
from lebots.cli.terminal.options import addresses
from lebots.core.did_you_mean import did_you_mean
from lebots.core.model.address import Address
from lebots.core.model.change import AGREEABLE, Effect
from lebots.core.model.options import NO_OPTIONS, EffectCount, PlanOptions
from lebots.core.model.plan import ProposedChange, RulesInForce
from lebots.core.quoting import command, quoted
from lebots.errors import UsageError
from lebots.run import clock
from lebots.run.change.expected import stamp
from lebots.run.inputs.manifests import argument

_COMMIT = 12
"""Digits of a commit's id that stand for it."""
_DIGITS = 6
"""No account holds more objects than such a number."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One option of the command line."""

    name: str
    help: str
    metavar: str | None = None


FLAGS: Mapping[str, Flag] = {
    "only": Flag(
        "--target",
        "Only this object and what it refers to, such as BotUser/routing-bot; repeatable.",
        "ADDRESS",
    ),
    "recreate": Flag(
        "--recreate", "Recreate this key (new client id and secret); repeatable.", "ADDRESS"
    ),
    "prune": Flag("--prune", "Also disable or delete unmanaged objects that are in scope."),
    "confirmed": Flag(
        "--confirm-deletes",
        "Agree to exactly this number of objects that are deleted, disabled or taken out of "
        "service, beyond the guards too.",
        "N",
    ),
    "agreed": Flag(
        "--confirm",
        "Agree to exactly this number of objects that an effect falls on, such as "
        "out-of-service=3; repeatable.",
        "EFFECT=N",
    ),
    "allow_empty": Flag("--allow-empty", "Allow a project without any manifest."),
}
"""By field of ``PlanOptions``; everything else follows from the field's type."""


def _counts(given: Sequence[str] | None, flag: str) -> tuple[EffectCount, ...]:
    found: dict[Effect, int] = {}
    for text in given or ():
        name, _, number = text.partition("=")
        if name not in AGREEABLE:
            hint = did_you_mean(name, AGREEABLE, f"there are {', '.join(AGREEABLE)}")
            raise UsageError(f"{flag}: there is no effect {quoted(name)} to agree to{hint}")
        if not (number.isascii() and number.isdecimal()) or len(number) > _DIGITS:
            raise UsageError(f"{flag}: write {name}=N, N for the number of objects")
        if found.setdefault(Effect(name), int(number)) != int(number):
            raise UsageError(f"{flag}: {name} is agreed to with two numbers")
    return tuple(EffectCount(effect, number) for effect, number in found.items())


class _Form(NamedTuple):
    parameter: Any
    """The type of what typer hands over."""
    value: Callable[[Any, str], Any]
    """The option's value, from what typer hands over and the flag."""
    said: Callable[[Any, str], list[str]]
    """The arguments that ask for a value again."""
    about: Mapping[str, Any] = {}
    """What else typer is told."""


_FORMS: Mapping[Any, _Form] = {
    tuple[Address, ...]: _Form(
        list[str] | None,
        addresses,
        lambda value, flag: [f"{flag}={one}" for one in value],
        {"autocompletion": declared},
    ),
    tuple[EffectCount, ...]: _Form(
        list[str] | None,
        _counts,
        lambda value, flag: [f"{flag}={one.effect}={one.number}" for one in value],
    ),
    bool: _Form(bool, lambda given, _: given, lambda value, flag: [flag] * value),
    int | None: _Form(
        int | None,
        lambda given, _: given,
        lambda value, flag: [] if value is None else [f"{flag}={value}"],
        {"min": 0},
    ),
}
_TYPES = get_type_hints(PlanOptions)


def takes(*options: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the flags of these options, or of all, in place of its parameter ``asked``.

    The command gets one PlanOptions; UsageError where the flags do not go together.
    """
    chosen = options or tuple(FLAGS)

    def decorated(run: Callable[..., None]) -> Callable[..., None]:
        @wraps(run)
        def with_options(**given: Any) -> None:
            asked = _asked({option: given.pop(option) for option in chosen})
            run(**given, asked=asked)

        own = signature(run)
        parameters = [
            part
            for name, one in own.parameters.items()
            for part in ([_parameter(each) for each in chosen] if name == "asked" else [one])
        ]
        with_options.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
        with_options.__annotations__ = {one.name: one.annotation for one in parameters}
        return with_options

    return decorated


def said(asked: PlanOptions) -> list[str]:
    """The arguments that ask for this again."""
    return [
        word
        for option, flag in FLAGS.items()
        for word in _FORMS[_TYPES[option]].said(getattr(asked, option), flag.name)
    ]


def rules_said(rules: RulesInForce | None) -> list[str]:
    """The arguments that ask for these rules again, where those of the file here are others."""
    return [f"--rules-from={rules.ref}"] if rules and rules.unused else []


def proposal(
    paths: Sequence[Path] | None,
    account: str | None,
    asked: PlanOptions,
    rules: RulesInForce | None = None,
) -> str:
    """The command that applies exactly what was planned so."""
    return f"{_applying(paths, account, asked, rules)} --expect {{digest}}{stamp(clock.minute())}"


def proposal_of(
    change: ProposedChange, paths: Sequence[Path] | None, account: str | None, asked: PlanOptions
) -> str:
    """The command that applies a change of the manifests alone; empty where none does."""
    if asked.only or asked.recreate or asked.prune:
        return ""
    approved = f"--expect {change.digest}{stamp(clock.minute())} --base {change.base[:_COMMIT]}"
    return f"{_applying(paths, account, asked)} {approved}"


def _applying(
    paths: Sequence[Path] | None,
    account: str | None,
    asked: PlanOptions,
    rules: RulesInForce | None = None,
) -> str:
    chosen = ["--account", account] if account else []
    more = [*chosen, *said(asked), *rules_said(rules)]
    return command("lebots", "apply", *map(argument, paths or ()), *more)


def _parameter(option: str) -> Parameter:
    flag, form = FLAGS[option], _FORMS[_TYPES[option]]
    unasked = getattr(NO_OPTIONS, option)
    told = typer.Option(unasked, flag.name, metavar=flag.metavar, help=flag.help, **form.about)
    return Parameter(option, Parameter.KEYWORD_ONLY, default=told, annotation=form.parameter)


def _asked(given: Mapping[str, Any]) -> PlanOptions:
    values = {
        option: _FORMS[_TYPES[option]].value(value, FLAGS[option].name)
        for option, value in given.items()
    }
    if values.get("prune") and values["only"]:
        raise UsageError("--prune needs all manifests; leave --target out")
    return PlanOptions(**values)
