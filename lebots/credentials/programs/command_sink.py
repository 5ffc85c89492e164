"""A sink that is any program: JSON in, JSON out, as git's credential helpers (docs/sinks.md)."""

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from lebots.core.model.ports import Credential
from lebots.core.model.secret import Secret, SecretBytes
from lebots.core.quoting import quoted
from lebots.core.strict_json import loads
from lebots.core.vendor.redact import safe_excerpt
from lebots.credentials.content.document import sealed
from lebots.credentials.content.intent import ENDING, require_unmoved
from lebots.credentials.content.storable import NotStorable, plain
from lebots.credentials.programs.process import Ran, run
from lebots.errors import (
    SinkError,
    SinkMoved,
    SinkOutcomeUnknown,
    SinkRefused,
    SinkUnavailable,
    SinkWriteOnly,
)

VERSION = 1
SECONDS = 60.0
"""How long one call of the program may take."""

DONE, REFUSED, WRITE_ONLY, DAMAGED, MOVED = 0, 3, 4, 5, 6
"""What exit codes mean. A write that is neither done, refused nor moved may have happened."""

WITHDRAWN = "intent-closed"
"""The id of a note that was withdrawn: programs need not be able to remove anything."""


class CommandSink:
    """Credentials kept by a program; it runs in ``folder`` and is told all it needs on stdin."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        account: str,
        seconds: float = SECONDS,
    ) -> None:
        self.name = name
        self._command, self._folder, self._environment = tuple(command), folder, environment
        self._account, self._seconds = account, seconds

    def __repr__(self) -> str:
        return f"CommandSink({self.name!r}, {self._command!r})"

    def place(self, account: str, key: str) -> str:
        """The program as the project writes it; where the program puts things, only it knows."""
        return shlex.join(self._command)

    def probe(self) -> None:
        """Lets the program prove that it can write, read back and remove."""
        self._require_done("probe", self._run("probe", account=self._account))

    def announce(self, account: str, key: str, token: str) -> None:
        """Lets the program keep a note under a key of its own, which no key of a manifest has."""
        note = Credential(account, key + ENDING, token, {})
        before = self.read_back(account, note.key)
        if before in (None, WITHDRAWN):
            try:
                self._write(note, before)
            except SinkMoved:
                # Of two runs that announce at once, one note stands; its token says whose.
                if self.announced(account, key) is None:
                    raise

    def announced(self, account: str, key: str) -> str | None:
        """The id the program keeps under the key of the note."""
        held = self.read_back(account, key + ENDING)
        return None if held == WITHDRAWN else held

    def withdraw(self, account: str, key: str, token: str = "") -> None:
        """Lets the program keep another id in place of the note's."""
        held = self.announced(account, key)
        if held is not None and token in ("", held):
            self._write(Credential(account, key + ENDING, WITHDRAWN, {}), held)

    def write(self, credential: Credential, replaces: str | None) -> None:
        """Lets the program store a credential, unless another one is there than expected."""
        if credential.key.casefold().endswith(ENDING):
            self._fail(SinkRefused, f'the name of a key may not end in "{ENDING}" here')
        try:
            plain(credential)
        except NotStorable as problem:
            self._fail(SinkRefused, str(problem))
        self._write(credential, replaces)

    def _write(self, credential: Credential, replaces: str | None) -> None:
        before = self.read_back(credential.account, credential.key)
        try:
            require_unmoved(before, replaces, credential.id)
        except SinkMoved as moved:
            self._fail(SinkMoved, str(moved))
        named = {"account": credential.account, "key": credential.key, "id": credential.id}
        ran = self._run("write", **named, replaces=before, values=credential.values)
        try:
            self._require_done("write", ran, delivers=bool(credential.values))
        except SinkOutcomeUnknown:
            if not self._happened(credential, before):
                raise

    def read(self, account: str, key: str) -> Credential | None:
        """The credential the program gives back, all values sealed."""
        answer = self._answer("read", account, key)
        if answer is None:
            return None
        values = answer.get("values")
        if not isinstance(values, dict) or not _all_sealed(values):
            self._fail(SinkError, 'its answer to "read" has no "values", a mapping of texts')
        return Credential(account, key, answer["id"], values)

    def read_back(self, account: str, key: str) -> str | None:
        """The id the program keeps beside the credential of this key."""
        answer = self._answer("read_back", account, key)
        return None if answer is None else str(answer["id"])

    def _happened(self, credential: Credential, before: str | None) -> bool:
        """Whether a write of unknown outcome did happen, by what the program stores now."""
        account, key = credential.account, credential.key
        try:
            try:
                found = self.read(account, key)
            except SinkWriteOnly:
                # An id that was not there before came with all the rest of this write.
                return before != credential.id == self.read_back(account, key)
        except SinkError:
            return False
        if found is None or found.id != credential.id:
            return False
        return plain(found) == plain(credential)

    def _answer(self, operation: str, account: str, key: str) -> dict[str, Any] | None:
        ran = self._run(operation, account=account, key=key)
        self._require_done(operation, ran)
        try:
            answer = _sealed(loads(ran.out))
        except ValueError:
            answer = ...
        if answer is None:
            return None
        named = {"account", "key", "id"}
        if not isinstance(answer, dict) or not all(_is_name(answer.get(name)) for name in named):
            self._fail(
                SinkError,
                f'its answer to "{operation}" is neither null nor has account, key and id; '
                "see docs/sinks.md",
            )
        if (answer["account"], answer["key"]) != (account, key):
            other = "key" if answer["account"] == account else "account"
            words = f"it holds a credential of another {other} where the one of {safe_excerpt(key)}"
            self._fail(SinkRefused, f"{words} is kept; let the program keep them apart")
        return answer

    def _run(self, operation: str, **parts: Any) -> Ran:
        request = {"version": VERSION, "operation": operation, **parts}
        given = SecretBytes(json.dumps(request, default=Secret.reveal).encode() + b"\n")
        try:
            return run(self._command, given, self._folder, self._environment, self._seconds)
        except OSError as error:
            self._fail(SinkUnavailable, f"cannot be run: {error.strerror or type(error).__name__}")
        except ValueError:
            self._fail(SinkUnavailable, "cannot be run: an argument holds a zero byte")

    def _require_done(self, operation: str, ran: Ran, *, delivers: bool = False) -> None:
        """Raises what the end of the program means, with its own words where they are safe."""
        if not ran.stopped and ran.code == DONE:
            return
        ended = f'"{operation}" {ran.stopped}' if ran.stopped else _ended(operation, ran.code)
        # What it says may be what it was given, or what it failed to read, in any form.
        if ran.err.strip() and operation != "read" and not delivers:
            ended += f"; it says {safe_excerpt(ran.err.decode('utf-8', 'replace'))}"
        if ran.code == REFUSED and not ran.stopped:
            self._fail(SinkRefused, ended)
        if ran.code == MOVED and operation == "write" and not ran.stopped:
            self._fail(SinkMoved, f"somebody else wrote there in the same moment: {ended}")
        if operation == "write":
            self._fail(SinkOutcomeUnknown, f"{ended}; the secret may or may not be stored")
        if ran.code == DAMAGED:
            words = f"what it stores is damaged or incomplete: {ended}"
            self._fail(SinkError, f"{words}; restore it, or remove it there and replace the key")
        if ran.code == WRITE_ONLY and operation == "read":
            self._fail(SinkWriteOnly, f"its store does not give secrets back: {ended}")
        self._fail(SinkError, ended)

    def _fail(self, error: type[SinkError], words: str) -> NoReturn:
        program = safe_excerpt(self._command[0])
        raise error(f"sink {quoted(self.name)}: program {program}: {words}")


def _ended(operation: str, code: int) -> str:
    if code < 0:
        return f'"{operation}" was ended by signal {-code}'
    return f'"{operation}" ended with exit code {code}'


def _is_name(part: object) -> bool:
    return isinstance(part, str) and bool(part)


def _sealed(answer: Any) -> Any:
    """The answer with the texts among its values sealed before anything else is done with it."""
    values = answer.get("values") if isinstance(answer, dict) else None
    if isinstance(values, dict) and all(isinstance(one, str) for one in values.values()):
        answer["values"] = sealed(values, str(answer.get("account")), str(answer.get("id")))
    return answer


def _all_sealed(values: Mapping[Any, Any]) -> bool:
    return all(isinstance(value, Secret) for value in values.values())
