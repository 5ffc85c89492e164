"""A sink over a store on the network that numbers the versions of what it keeps.

The store only reads, writes and removes one document; whose it is, whether it is complete, and
what became of a write whose answer was lost is decided here, alike for all stores.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple, NoReturn, Protocol

from lebots.core.model.ports import Credential
from lebots.core.quoting import quoted
from lebots.credentials.content import intent
from lebots.credentials.content.document import Document, document, owner, parse
from lebots.credentials.content.intent import require_unmoved
from lebots.credentials.content.storable import Damaged, NotStorable
from lebots.credentials.content.template import filled
from lebots.errors import SinkError, SinkMoved, SinkOutcomeUnknown, SinkRefused

_TRIES = 2
_FADES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between tries to make a document anew that is being removed."""
_LAG = (0.0, 0.5, 2.0)
"""Seconds before each look at a new version: a replica may answer, and lag behind."""


class Stale(Exception):
    """The store holds another version than the one the write was meant to follow."""


class Fading(SinkRefused):
    """The document is being removed: it can neither be read nor made anew for a while."""


class Stored(NamedTuple):
    """What a store holds at a path: the newest version and its content, if it has one."""

    version: str = ""
    """Empty where there never was one."""
    content: object = None
    """None where there is none, or the newest version was deleted."""

    def __repr__(self) -> str:
        return f"Stored({self.version!r})"


class New(NamedTuple):
    """A version on its way to a store."""

    content: Document
    ticket: str
    """Tells this version from all others; 64 letters and digits."""
    delivers: bool = False
    """Whether a secret is in it: of the answer, nobody may repeat more than status and codes."""

    def __repr__(self) -> str:
        return f"New({self.ticket!r})"


class Store(Protocol):
    """One place of documents; its methods raise SinkError or one of its kin."""

    def read(self, path: str) -> Stored:
        """The newest version."""

    def write(self, path: str, new: New, before: Stored) -> str:
        """Stores a version after ``before`` and returns its name.

        Two writes of one ``New`` count as one. Raises Stale where the store can tell that
        ``before`` is not the newest version.
        """

    def clear(self, path: str, before: Stored) -> None:
        """Leaves no content after ``before``; raises Stale where that is not the newest version."""

    def remove(self, path: str) -> None:
        """Removes the document with all its versions."""


class VersionedSink:
    """Credentials as documents of a store, at a path with ``{name}`` and ``{account}`` in it.

    ``open_store`` is called on first use; ``shown`` stands before paths in messages.
    """

    def __init__(
        self,
        name: str,
        template: str,
        account: str,
        shown: str,
        open_store: Callable[[], Store],
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self._template, self._account, self._shown = template, account, shown
        self._open, self._wait = open_store, wait
        self._opened: Store | None = None

    def __repr__(self) -> str:
        return f"VersionedSink({self.name!r}, {self._template!r}, {self._shown!r})"

    def place(self, account: str, key: str) -> str:
        """The store and the path in it."""
        return self._shown + self._path(account, key)

    def probe(self) -> None:
        """Writes, reads back and removes a document beside the credentials of the account."""
        path = self._path(self._account, f"lebots-probe-{secrets.token_hex(8)}")
        new = New({"lebots": "a probe; remove it"}, secrets.token_hex(32))
        with self._explained(path):
            try:
                version = self._stored(path, new, Stored())
                self._require_stored(path, version, new.content)
            except BaseException:
                self._removed_after_failure(path)
                raise
            try:
                self._store.remove(path)
            except SinkError as error:
                raise type(error)(f"the probe is left behind, remove it: {error}") from None

    def announce(self, account: str, key: str, token: str) -> None:
        """Stores the note in a document of its own, if none stands there."""
        path = self._path(account, key) + intent.ENDING
        with self._explained(path):
            before = self._note(path)
            if before.content:
                intent.token_in(before.content, account, key)
                return
            new = New(intent.document(account, key, token), secrets.token_hex(32))
            try:
                version = self._stored_in_time(path, new, before)
                self._require_stored(path, version, new.content)
            except SinkError:
                # Of two runs that announce at once, one note stands; its token says whose.
                if not (now := self._note(path).content):
                    raise
                intent.token_in(now, account, key)

    def announced(self, account: str, key: str) -> str | None:
        """The token in the document of the note."""
        path = self._path(account, key) + intent.ENDING
        with self._explained(path):
            found = self._note(path).content
            return intent.token_in(found, account, key) if found else None

    def withdraw(self, account: str, key: str, token: str = "") -> None:
        """Empties or removes the document of the note, unless it is another's."""
        path = self._path(account, key) + intent.ENDING
        with self._explained(path):
            found = self._note(path)
            if not found.content:
                return
            if token in ("", intent.token_in(found.content, account, key)):
                # Where it is not the newest any more, somebody else has withdrawn or replaced it.
                with suppress(Stale):
                    self._store.clear(path, found)

    def _note(self, path: str) -> Stored:
        try:
            return self._store.read(path)
        except Fading:
            return Stored()

    def _stored_in_time(self, path: str, new: New, before: Stored) -> str:
        """As ``_stored``, once a note that was just withdrawn is gone for good."""
        for seconds in _FADES:
            try:
                return self._stored(path, new, before)
            except Fading:
                self._wait(seconds)
        return self._stored(path, new, before)

    def write(self, credential: Credential, replaces: str | None) -> None:
        """Stores a new version after the one that was to be replaced; reads it back."""
        account, key = credential.account, credential.key
        path = self._path(account, key)
        with self._explained(path):
            new = New(document(credential), secrets.token_hex(32), delivers=True)
            before = self._store.read(path)
            if before.content:
                _require_owner(before.content, account, key)
                require_unmoved(_standing(before.content), replaces, credential.id)
            version = self._stored(path, new, before)
            self._require_stored(path, version, new.content)

    def read(self, account: str, key: str) -> Credential | None:
        """The newest version, all values sealed."""
        path = self._path(account, key)
        with self._explained(path):
            found = self._store.read(path).content
            if not found:
                return None
            _require_owner(found, account, key)
            return parse(found)

    def read_back(self, account: str, key: str) -> str | None:
        """The id in the newest version, if that is complete."""
        credential = self.read(account, key)
        return credential.id if credential else None

    @property
    def _store(self) -> Store:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _path(self, account: str, key: str) -> str:
        # Stores refuse or double-encode a percent sign; none minds an equals sign.
        return filled(self._template, account, key, escape="=")

    def _stored(self, path: str, new: New, before: Stored) -> str:
        """The version that holds the content; a lost answer is settled by reading (F21)."""
        for attempt in range(_TRIES):
            try:
                return self._store.write(path, new, before)
            except Stale:
                lost = None
            except SinkOutcomeUnknown as unknown:
                lost = unknown
            now = self._looked_up(path, lost)
            if now.version != before.version and now.content == new.content:
                return now.version
            if lost is None or now.version != before.version:
                raise SinkMoved(
                    "somebody else wrote there in the same moment, and nothing was written; run "
                    "again"
                )
            # The store takes two writes of one version as one, so the second cannot do harm.
            if attempt == _TRIES - 1:
                raise lost
        raise AssertionError("every attempt ends in a version or an error")

    def _looked_up(self, path: str, lost: SinkOutcomeUnknown | None) -> Stored:
        try:
            return self._store.read(path)
        except SinkError as error:
            if lost is None:
                raise
            raise SinkOutcomeUnknown(f"{lost}; looking for it failed: {error}") from None

    def _require_stored(self, path: str, version: str, content: Document) -> None:
        for seconds in _LAG:
            self._wait(seconds)
            now = self._store.read(path)
            if now.version == version:
                break
        if now.version != version or now.content != content:
            raise SinkError("what was written cannot be read back; look there, and run again")

    def _removed_after_failure(self, path: str) -> None:
        """Leaves nothing behind where that is possible; the failure itself says more."""
        with suppress(SinkError):
            self._store.remove(path)

    @contextmanager
    def _explained(self, path: str) -> Iterator[None]:
        try:
            yield
        except Damaged as damage:
            words = f"{damage}; restore an older version, or replace the key"
            self._fail(SinkError, path, words)
        except NotStorable as problem:
            self._fail(SinkRefused, path, str(problem))
        except SinkError as error:
            self._fail(type(error), path, str(error))

    def _fail(self, error: type[SinkError], path: str, words: str) -> NoReturn:
        raise error(f"sink {quoted(self.name)}: {self._shown}{path}: {words}") from None


def _standing(found: object) -> str:
    """The id in a complete document; a damaged one is never written over: it may still work."""
    try:
        return parse(found).id
    except Damaged as damage:
        raise SinkRefused(f"{damage}; restore an older version, or move it away") from None


def _require_owner(found: object, account: str, key: str) -> None:
    said = owner(found)
    if said is None:
        raise SinkRefused("what is there was not written by lebots or is damaged; move it away")
    if said[0] != account:
        raise SinkRefused(
            "a credential of another account is there; add {account} to the path of the sink"
        )
    if said[1] != key:
        raise SinkRefused("the credential of another key is there; move it away")
