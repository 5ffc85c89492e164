"""Objects as they are stored: their text, and the columns that writes must find quickly."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import Any

from lebots.sandbox.objects.fields import Json


@dataclass(frozen=True)
class Reference:
    """That an object names another: in which field, an object of which collection, by which id."""

    field: str
    collection: str
    id: str


@dataclass(frozen=True)
class Record:
    """An object as it is stored."""

    collection: str
    id: str
    name: str | None
    deleted: bool
    body: Json
    references: tuple[Reference, ...]


def folded(name: str) -> str:
    """The form in which names that people would take for the same are equal."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def dumps(value: Any) -> str:
    """JSON in ASCII, so that even half a surrogate pair survives the way through the file."""
    return json.dumps(value, separators=(",", ":"))


def as_row(record: Record) -> tuple[str, str, int, str | None, str | None, str]:
    """The object as the columns of its table."""
    name = None if record.name is None else column(record.name)
    key = None if record.name is None else column(folded(record.name))
    deleted = int(record.deleted)
    return (record.collection, record.id, deleted, name, key, dumps(record.body))


def column(text: str) -> str:
    """`text` as SQLite can hold it: half a surrogate pair has no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
