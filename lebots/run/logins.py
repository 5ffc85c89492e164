"""Logging in as bots, once each, with the credentials that sinks hold for them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lebots.account.login import log_in_once
from lebots.core.checks.logins import Ended
from lebots.core.model.address import Address
from lebots.core.model.desired import Desired
from lebots.core.model.kind import Kind
from lebots.core.model.secret import Secret
from lebots.errors import LebotsError, Rejected, SinkError
from lebots.render.escape import visible
from lebots.run.inputs.holdings import sink_of
from lebots.run.inputs.session import Session
from lebots.run.notices import message


@dataclass(frozen=True, slots=True)
class Login:
    """One login to try: the bot, the key it uses and where that key's secret is."""

    bot: Address
    key: Desired
    kind: Kind


def logins_of(desired: Iterable[Desired], session: Session) -> tuple[list[Login], list[Ended]]:
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
            skipped.append(Ended(wanted.address, error=words, tried=False, idle=True))
        elif key and sink_of(key, session.kinds[key.address.kind], session.sinks):
            logins.append(Login(wanted.address, key, session.kinds[key.address.kind]))
        else:
            words = "lebots did not deliver the secret of its key, so it cannot log in for it"
            skipped.append(Ended(wanted.address, error=words, tried=False))
    return logins, skipped


def warn(logins: Sequence[Login], account: str) -> None:
    """Says what the logins interrupt."""
    names = visible(", ".join(login.bot.name for login in logins))
    message(
        f"A login ends the session a bot has now: one that is running drops its conversations\n"
        f"until it logs in again. Bots of account {account}: {names}"
    )


def tried_all(logins: Iterable[Login], session: Session) -> Iterator[Ended]:
    """One login after the other; a refused one is the last, since it can lock the others out."""
    refused = False
    for login in logins:
        if refused:
            yield Ended(login.bot, error="not tried after a refused login", tried=False)
            continue
        try:
            user = log_in_once(session.client, login.bot.name, _body(login, session))
        except LebotsError as error:
            # How many failed logins lock an address or an account is not known (reference 12).
            refused = isinstance(error, Rejected) and error.status in (401, 451)
            yield Ended(login.bot, error=str(error))
        else:
            yield Ended(login.bot, id=user)


def _body(login: Login, session: Session) -> Mapping[str, str | Secret]:
    """The credential in the words of a login's body."""
    sink = sink_of(login.key, login.kind, session.sinks)
    stored = sink.read(session.client.account, login.key.address.name) if sink else None
    if stored is None or login.kind.delivery is None:
        raise SinkError(f"no secret of {login.key.address} is stored; run lebots apply first")
    # A sink that was told other field names may have left the constants out.
    parts = {**login.kind.delivery.constants, **stored.values}
    if missing := sorted(set(login.kind.delivery.login.values()) - parts.keys()):
        raise SinkError(f"the credential of {login.key.address} lacks {', '.join(missing)}")
    return {name: parts[known] for name, known in login.kind.delivery.login.items()}


def line(one: Ended) -> str:
    """How one login ended, in a line for people."""

    return visible(f"{one.status:<8}  {one.bot}  {f'id {one.id}' if one.id else one.error}")
