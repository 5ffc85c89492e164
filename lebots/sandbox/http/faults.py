"""Faults that are injected into requests, to try what clients do when the vendor or the way fails.

A fault says which requests it strikes and what it does to them. Nothing is left to chance: the
same requests in the same order are struck in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from http import HTTPStatus
from typing import Any, Literal, get_args

from lebots.sandbox.errors import SandboxError

When = Literal["before", "after"]
"""Before the request has changed anything, or after its change is kept for good."""

Body = Literal["truncated", "html", "empty", "foreign"]
"""A JSON text cut in the middle, a login page, nothing, JSON of another shape."""

_METHODS = ("GET", "POST", "PUT", "DELETE")
_STATUSES = frozenset(int(status) for status in HTTPStatus if status >= 200)
_EFFECTS = ("status", "latency", "reset", "body", "lag", "lag_lists")


@dataclass(frozen=True)
class Fault:
    """One fault. What does not fit is a `ValueError`; a text that does not, a `SandboxError`."""

    method: str | None = None
    """The verb it strikes; None: every verb."""
    path: str | None = None
    """Segments of the paths it strikes, such as `users` or `app/token`; None: every path."""
    skip: int = 0
    """How many of these requests pass first."""
    times: int | None = None
    """How many it then strikes; None: all."""
    status: int | None = None
    """The status that is answered, with an error body of the service."""
    at: When = "before"
    """When the status is answered: before or after the request is carried out."""
    retry_after: str | None = None
    """Retry-After of that answer: any text, or `date:N` for the HTTP date in N seconds."""
    latency: float = 0.0
    """Seconds before the request is looked at."""
    reset: When | None = None
    """The connection breaks, before or after the request is carried out."""
    body: Body | None = None
    """What stands in the answer instead of its body."""
    lag: float = 0.0
    """Seconds by which lists lag behind writes."""
    lag_lists: int = 0
    """How many lists after a write still show the collection as it was."""

    def __post_init__(self) -> None:
        for name, allowed in (("at", When), ("reset", When | None), ("body", Body | None)):
            _check_choice(name, getattr(self, name), allowed)
        if self.method not in (None, *_METHODS):
            raise ValueError(f"method must be one of {', '.join(_METHODS)}")
        if self.status is not None and self.status not in _STATUSES:
            raise ValueError("status must be a known HTTP status from 200 on")
        for name in ("skip", "times", "latency", "lag", "lag_lists"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                raise ValueError(f"{_word(name)} must not be negative")
        if self.retry_after is not None and self.status is None:
            raise ValueError("retry-after needs a status")
        if not any(getattr(self, name) for name in _EFFECTS):
            effects = ", ".join(_word(name) for name in _EFFECTS)
            raise ValueError(f"a fault needs one of {effects}")

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Reads `status=503,method=POST,path=users,times=2`."""
        found: dict[str, Any] = {}
        for part in text.split(","):
            word, _, value = part.partition("=")
            word = word.strip()
            if word not in _READERS:
                raise SandboxError(f"no fault has {word!r}: one of {', '.join(_READERS)}")
            name = word.replace("-", "_")
            if name in found:
                raise SandboxError(f"{word} is given twice in {text!r}")
            try:
                found[name] = _READERS[word](value.strip())
            except ValueError:
                raise SandboxError(f"{word} cannot be {value.strip()!r}") from None
        try:
            return cls(**found)
        except ValueError as error:
            raise SandboxError(f"{text!r}: {error}") from None

    def matches(self, method: str, path: str) -> bool:
        """Whether this request is one of those it strikes."""
        if self.method not in (None, method):
            return False
        wanted = [] if self.path is None else self.path.strip("/").split("/")
        there = path.split("/")
        starts = range(len(there) - len(wanted) + 1)
        return any(there[start : start + len(wanted)] == wanted for start in starts)


@dataclass(frozen=True)
class Strike:
    """Everything that happens to one request."""

    faults: tuple[Fault, ...] = ()

    @property
    def latency(self) -> float:
        """Seconds before the request is looked at."""
        return sum(fault.latency for fault in self.faults)

    @property
    def reset(self) -> When | None:
        """When the connection breaks."""
        return next((fault.reset for fault in self.faults if fault.reset), None)

    @property
    def body(self) -> Body | None:
        """What stands in the answer instead of its body."""
        return next((fault.body for fault in self.faults if fault.body), None)

    @property
    def lagging(self) -> Fault | None:
        """The fault that makes this list lag."""
        return next((fault for fault in self.faults if fault.lag or fault.lag_lists), None)

    def answering(self, at: When) -> Fault | None:
        """The fault that answers instead of the account, before or after it did its work."""
        return next((fault for fault in self.faults if fault.status and fault.at == at), None)


class Faults:
    """The faults in force, each with its count of requests."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self.all = tuple(faults)
        self._seen = [0] * len(self.all)

    @property
    def lag(self) -> bool:
        """Whether any of them makes lists lag."""
        return any(fault.lag or fault.lag_lists for fault in self.all)

    def strike(self, method: str, path: str) -> Strike:
        """What happens to this request; it counts for every fault that it matches."""
        found = []
        for index, fault in enumerate(self.all):
            if not fault.matches(method, path):
                continue
            number = self._seen[index] - fault.skip
            self._seen[index] += 1
            if number >= 0 and (fault.times is None or number < fault.times):
                found.append(fault)
        return Strike(tuple(found))


def _check_choice(name: str, value: object, allowed: object) -> None:
    known = [one for part in (get_args(allowed) or ()) for one in (get_args(part) or (part,))]
    texts = [one for one in known if isinstance(one, str)]
    if value not in texts and not (value is None and type(None) in known):
        raise ValueError(f"{name} must be one of {', '.join(texts)}")


def _word(name: str) -> str:
    return name.replace("_", "-")


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError(text)
    return int(text)


def _number(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise ValueError(text)
    return float(text)


def _text(text: str) -> str:
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError(text)
    return text


_OWN_READERS: dict[str, Callable[[str], Any]] = {
    "skip": _whole,
    "times": _whole,
    "status": _whole,
    "latency": _number,
    "lag": _number,
    "lag_lists": _whole,
}
_READERS: dict[str, Callable[[str], Any]] = {
    _word(field.name): _OWN_READERS.get(field.name, _text) for field in fields(Fault)
}
"""Every word that a fault may have, with the reader of its value."""
