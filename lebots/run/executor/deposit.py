"""Delivers one secret to its sink: a note first, a write only over what was seen, a read back."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from lebots.core.model.address import Address
from lebots.core.model.ports import Credential, Holding, Sink, look, moved, token
from lebots.core.model.secret import Secret
from lebots.core.quoting import quoted
from lebots.errors import (
    SinkError,
    SinkMoved,
    SinkRefused,
    SinkUnavailable,
    SinkWriteOnly,
    SomebodyElse,
)

_CHANCE = 8
"""Bytes that tell the note of one run from those of all others."""


@dataclass
class Deposit:
    """The place of one secret in its sink, as far as this run may use it."""

    sink: Sink
    account: str
    address: Address
    seen: Holding
    """What the sink held when the plan was made."""
    retired: str = ""
    """The id of an object this run took out of use: its credential may be written over."""
    wrote: bool = field(init=False, default=False)
    _own: str = field(init=False, default="")

    def require_unmoved(self) -> None:
        """Raises SomebodyElse where the sink holds anything but what was seen, and our own note."""
        now = look(self.sink, self.account, self.address.name)
        if now != Holding(self.seen.id, self._own or self.seen.note):
            raise SomebodyElse(self._moved(now))

    @property
    def announced(self) -> bool:
        """Whether the object may be one that a run of lebots has made and not delivered."""
        return bool(self._own) or self.seen.open

    def announce(self) -> None:
        """Notes in the sink that a create begins, so that no crash hides what it made.

        Under a note that an earlier run left the new create goes on: what that announced may yet
        be found.
        """
        self.require_unmoved()
        if self.announced:
            return
        account, name = self.account, self.address.name
        if self.seen.note is not None:
            self.sink.withdraw(account, name, self.seen.note)
        own = token(secrets.token_hex(_CHANCE), self.seen.id)
        self.sink.announce(account, name, own)
        self._own = own
        self.require_unmoved()

    def recall(self) -> None:
        """Takes the note of this run back: its create was refused, and so made nothing.

        One of an earlier run stays: this refusal says nothing of how that one ended.
        """
        if self._own:
            with suppress(SinkError):
                self.sink.withdraw(self.account, self.address.name, self._own)
            self._own = ""

    def copied(self, former: str, id_: str | None) -> Credential | None:
        """The credential under a former name, if the sink gives it back and it is of this id."""
        with suppress(SinkError):
            stored = self.sink.read(self.account, former)
            if stored and stored.id == id_:
                return stored
        return None

    def store(self, id_: str, values: Mapping[str, str | Secret]) -> None:
        """Puts the credential in place, and makes sure that this is what the sink holds."""
        credential = Credential(self.account, self.address.name, id_, values)
        try:
            self._write(credential, self.seen.id)
        except SinkMoved:
            there = self.sink.read_back(self.account, self.address.name)
            if there != id_ and (not there or there != self.retired):
                now = look(self.sink, self.account, self.address.name)
                raise SomebodyElse(self._moved(now)) from None
            if there != id_:
                self._write(credential, there)
        try:
            self._require_stored(credential)
        except SinkError:
            self._doubt(id_)
            raise
        if note := self._own or self.seen.note:
            # One that stays is spent: it says that it was to replace another credential.
            with suppress(SinkError):
                self.sink.withdraw(self.account, self.address.name, note)

    def _write(self, credential: Credential, replaces: str | None) -> None:
        try:
            self.sink.write(credential, replaces)
        except (SinkRefused, SinkUnavailable):
            raise
        except SinkError:
            self.wrote = True
            raise
        self.wrote = True

    def _doubt(self, id_: str) -> None:
        """Notes beside a credential that it may not be as written: the next run writes it again."""
        account, name = self.account, self.address.name
        with suppress(SinkError):
            if self.sink.read_back(account, name) == id_:
                self.sink.withdraw(account, name)
                self.sink.announce(account, name, token(secrets.token_hex(_CHANCE), id_))

    def _require_stored(self, credential: Credential) -> None:
        account, name = credential.account, credential.key
        try:
            stored = self._read(account, name)
        except SinkWriteOnly:
            there, differ = self.sink.read_back(account, name), []
        else:
            there = stored.id if stored else None
            differ = _different(credential.values, stored.values if stored else {})
        sink = f"sink {quoted(self.sink.name)}"
        if there != credential.id:
            raise SinkError(f"{sink} took the secret of {self.address} but does not hold it")
        if differ:
            raise SinkError(
                f"{sink} holds other values than were written for {self.address}: "
                f"{', '.join(differ)}; look at what stores them, then run again"
            )

    def _read(self, account: str, name: str) -> Credential | None:
        """What was stored; asked for twice, since a credential nobody could read is doubted."""
        try:
            return self.sink.read(account, name)
        except SinkWriteOnly:
            raise
        except SinkError:
            return self.sink.read(account, name)

    def _moved(self, now: Holding) -> str:
        return moved(self.address, f"sink {quoted(self.sink.name)}", self.seen, now)


def _different(written: Mapping[str, str | Secret], found: Mapping[str, str | Secret]) -> list[str]:
    """The parts that are not as written; parts that are no secret may be left out by a sink."""
    return sorted(
        part
        for part, value in written.items()
        if (part in found or isinstance(value, Secret)) and not _same(found.get(part), value)
    )


def _same(one: str | Secret | None, other: str | Secret) -> bool:
    return one.same(other) if isinstance(one, Secret) else Secret(one or "").same(other)
