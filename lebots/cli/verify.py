"""``lebots verify``: does each bot get in with the credential that was delivered for it?"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lebots.cli.console import confirm, gate, message, on_terminal, result
from lebots.cli.created import created
from lebots.cli.manifests import load
from lebots.cli.options import AccountName, Format, OutputFormat, Paths, Targets, addresses
from lebots.core.kind import Kind
from lebots.core.model import Address, Desired
from lebots.core.planner import selected
from lebots.core.secret import Secret
from lebots.errors import AccountError, LebotsError, Refused, Rejected, SinkError

if TYPE_CHECKING:
    from lebots.cli.session import Session


@dataclass(frozen=True, slots=True)
class _Login:
    """One login to try: the bot, the key it uses and where that key's secret is."""

    bot: Address
    key: Desired
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Ended:
    """How one login ended; an empty ``error`` means that the bot got in."""

    bot: Address
    id: str = ""
    error: str = ""
    tried: bool = True


def verify(
    paths: Paths = None,
    account: AccountName = None,
    format_: OutputFormat = Format.TEXT,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    new_only: Annotated[
        bool, typer.Option("--new-only", help="Only bots that the last apply here created.")
    ] = False,
    target: Targets = None,
) -> None:
    """Log in as each bot of the manifests, once, and log out again.

    A login ends the session of a bot that is running, so it asks first.
    """
    from lebots.cli.session import open_session

    desired, findings = load(paths, account)
    gate(findings, show=False)
    with open_session(Path(), account) as session:
        chosen = selected(desired, addresses(target), session.kinds)
        logins, skipped = _logins(chosen, session)
        if new_only:
            new = created(Path(), session.client.account)
            logins = [login for login in logins if login.bot in new]
        if logins:
            _warn(logins, session.name)
        if logins and not yes:
            _ask()
        ended = [*skipped, *_tried_all(logins, session)]
    _report(ended, format_)
    failed = [one for one in ended if one.tried and one.error]
    if failed:
        raise AccountError(f"{len(failed)} of {len(logins)} bots cannot log in")


def _logins(desired: Iterable[Desired], session: "Session") -> tuple[list[_Login], list[_Ended]]:
    """The logins that can be tried, and the bots whose credential lebots does not hold."""
    by_address = {wanted.address: wanted for wanted in desired}
    logins, skipped = [], []
    for wanted in by_address.values():
        kind = session.kinds[wanted.address.kind]
        if not kind.login_key:
            continue
        field = kind.by_name[kind.login_key]
        name = wanted.spec.get(field.name)
        key = by_address.get(Address(field.ref, str(name))) if name else None
        if wanted.spec.get("enabled") is False:
            words = "the manifest disables it, so it cannot log in"
            skipped.append(_Ended(wanted.address, error=words, tried=False))
        elif key and session.sink_of(key):
            logins.append(_Login(wanted.address, key, session.kinds[key.address.kind]))
        else:
            words = "lebots did not deliver the secret of its key, so it cannot log in for it"
            skipped.append(_Ended(wanted.address, error=words, tried=False))
    return logins, skipped


def _warn(logins: Sequence[_Login], account: str) -> None:
    from lebots.render.escape import visible

    names = visible(", ".join(login.bot.name for login in logins))
    message(
        f"A login ends the session a bot has now: one that is running drops its conversations\n"
        f"until it logs in again. Bots of account {account}: {names}"
    )


def _ask() -> None:
    if not (on_terminal(sys.stdin) and on_terminal(sys.stderr)):
        raise Refused("nobody can be asked here; agree with --yes")
    if not confirm("Log in as each of them once?"):
        raise Refused("not confirmed; nobody was logged in")


def _tried_all(logins: Iterable[_Login], session: "Session") -> Iterator[_Ended]:
    """One login after the other; a refused one is the last, since it can lock the others out."""
    from lebots.account.login import log_in_once

    refused = False
    for login in logins:
        if refused:
            yield _Ended(login.bot, error="not tried after a refused login", tried=False)
            continue
        try:
            user = log_in_once(session.client, login.bot.name, _body(login, session))
        except LebotsError as error:
            # How many failed logins lock an address or an account is not known (reference 12).
            refused = isinstance(error, Rejected) and error.status in (401, 451)
            yield _Ended(login.bot, error=str(error))
        else:
            yield _Ended(login.bot, id=user)


def _body(login: _Login, session: "Session") -> Mapping[str, str | Secret]:
    """The credential in the words of a login's body."""
    sink = session.sink_of(login.key)
    stored = sink.read(session.client.account, login.key.address.name) if sink else None
    if stored is None or login.kind.delivery is None:
        raise SinkError(f"no secret of {login.key.address} is stored; run lebots apply first")
    # A sink that was told other field names may have left the constants out.
    parts = {**login.kind.delivery.constants, **stored.values}
    if missing := sorted(set(login.kind.delivery.login.values()) - parts.keys()):
        raise SinkError(f"the credential of {login.key.address} lacks {', '.join(missing)}")
    return {name: parts[known] for name, known in login.kind.delivery.login.items()}


def _report(ended: Sequence[_Ended], format_: Format) -> None:
    from lebots.render.escape import visible
    from lebots.render.json import dumps

    if format_ is Format.JSON:
        listed = [
            {"address": str(one.bot), "status": _status(one), "id": one.id, "error": one.error}
            for one in ended
        ]
        result(dumps({"formatVersion": 1, "logins": listed}))
        return
    for one in ended:
        detail = f"id {one.id}" if one.id else one.error
        result(visible(f"{_status(one):<8}  {one.bot}  {detail}"))
    if not ended:
        result("no bot to log in as")


def _status(one: _Ended) -> str:
    if not one.tried:
        return "skipped"
    return "failed" if one.error else "in"
