"""The account's file: one SQLite database that holds every object as one JSON text.

Beside the text stand only the columns that writes must find quickly: the name, compared exactly or
folded, and what an object refers to. So no write ever reads a whole collection.

The rollback journal (not WAL) keeps an account in one plain file that can be copied and opened
read-only. Nothing is flushed to the disk itself: a killed process loses nothing, a power cut may.
That is the right price for an account that is made for trying things.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lebots.sandbox.errors import SandboxError
from lebots.sandbox.objects import damages
from lebots.sandbox.objects.fields import Json
from lebots.sandbox.objects.records import Record, as_row, column, folded

ACCOUNT_SCOPE = "*"
"""The revision that every change of the account raises; next to one per collection."""

_APPLICATION_ID = 0x6C65626F  # "lebo", in the file's header: this is a sandbox account
_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE revisions (scope TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE objects (
  collection TEXT NOT NULL, id TEXT NOT NULL, deleted INTEGER NOT NULL,
  name TEXT, folded TEXT, body TEXT NOT NULL, UNIQUE (collection, id));
CREATE INDEX objects_in_order ON objects (collection, deleted);
CREATE INDEX objects_by_name ON objects (collection, folded);
CREATE TABLE refs (
  target_collection TEXT NOT NULL, target TEXT NOT NULL, field TEXT NOT NULL,
  collection TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (target_collection, target, field, collection, id)) WITHOUT ROWID;
CREATE INDEX refs_from ON refs (collection, id);
"""
_EMPTY = "DELETE FROM meta; DELETE FROM revisions; DELETE FROM objects; DELETE FROM refs"
_ALL = "SELECT body FROM objects WHERE collection = ? ORDER BY rowid"
_LIVE = "SELECT body FROM objects WHERE collection = ? AND deleted = 0 ORDER BY rowid"
_UPSERT = """
INSERT INTO objects (collection, id, deleted, name, folded, body) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (collection, id) DO UPDATE SET
  deleted = excluded.deleted, name = excluded.name, folded = excluded.folded, body = excluded.body
"""


_FORGET_REFERENCES = "DELETE FROM refs WHERE collection = ? AND id = ?"


class Store:
    """Objects, references, revisions and ids of one account. Used under one lock, by one thread."""

    def __init__(self, connection: sqlite3.Connection, *, writable: bool) -> None:
        self._db = connection
        self.writable = writable

    @classmethod
    def open(cls, path: str | os.PathLike[str], create: Callable[[Store], None]) -> Store:
        """Opens the account at `path`, or creates it and lets `create` fill it."""
        name = os.fspath(path)
        try:
            store = cls._connect(name)
        except OSError as error:
            raise SandboxError(f"{name}: {error.strerror or error}") from None
        try:
            store._check(create)
        except Exception as error:
            complaint = str(error) if isinstance(error, SandboxError) else store.complaint(error)
            store.close()
            if complaint is None:
                raise
            raise SandboxError(f"{name} {complaint}") from None
        return store

    @classmethod
    def _connect(cls, name: str) -> Store:
        target, writable = name, True
        if name != ":memory:":
            file = Path(name).absolute()
            if os.path.exists(file) and not os.path.isfile(file):
                raise SandboxError(f"{name} is no regular file; name another file")
            if not os.path.exists(file):
                for folder in reversed(file.parents):
                    if not folder.exists():
                        folder.mkdir(0o700, exist_ok=True)
                with suppress(FileExistsError):  # another process was faster: open what it made
                    # Secrets will stand in it: for its owner only, from the start.
                    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            writable = os.access(file, os.W_OK)
            target = f"{file.as_uri()}?mode={'rw' if writable else 'ro'}"
        try:
            connection = sqlite3.connect(
                target, uri=True, isolation_level=None, check_same_thread=False, timeout=10
            )
        except sqlite3.Error as error:
            raise SandboxError(f"{name} {damages.words(error)}") from None
        return cls(connection, writable=writable)

    def _check(self, create: Callable[[Store], None]) -> None:
        """Refuses what is no account; fills the file if it is new."""
        self._db.execute("PRAGMA synchronous = OFF")
        if self._is_new() and self.writable:
            with self.transaction(write=True):
                if self._is_new():  # still, now that nobody else can be at it
                    self._create(create)
        if self._pragma("application_id") != _APPLICATION_ID:
            raise SandboxError(
                "is not a sandbox account (another program's database); name another file"
            )
        version = self._pragma("user_version")
        if version != _SCHEMA_VERSION:
            raise SandboxError(
                f"has format {version} and this lebots knows {_SCHEMA_VERSION}:"
                " it was written by another version; use that, or name another file"
            )
        self.meta("account")

    def _is_new(self) -> bool:
        (tables,) = self._db.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        return tables == 0 and self._pragma("application_id") == 0

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])

    def _create(self, fill: Callable[[Store], None]) -> None:
        for statement in _SCHEMA.split(";"):
            self._db.execute(statement)
        self._db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        fill(self)

    def complaint(self, error: Exception) -> str | None:
        """What is wrong with the file that an operation failed on; None where the file is sound."""
        return damages.complaint(self._db, error)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[None]:
        """One consistent view; everything written inside is kept together or not at all."""
        self._db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            if self._db.in_transaction:  # SQLite itself ends it when the disk is full
                self._db.execute("COMMIT" if getattr(error, "keep", False) else "ROLLBACK")
            raise

    def clear(self) -> None:
        """Empties the account."""
        for statement in _EMPTY.split(";"):
            self._db.execute(statement)

    # Objects

    def get(self, collection: str, object_id: str) -> Json | None:
        """The object, deleted or not."""
        row = self._db.execute(
            "SELECT body FROM objects WHERE collection = ? AND id = ?",
            (collection, column(object_id)),
        ).fetchone()
        return None if row is None else _object(row[0])

    def exists(self, collection: str, object_id: str) -> bool:
        """Whether there is such an object that is not deleted."""
        query = "SELECT 1 FROM objects WHERE collection = ? AND id = ? AND deleted = 0"
        return self._db.execute(query, (collection, column(object_id))).fetchone() is not None

    def holds(self, object_id: str) -> bool:
        """Whether any collection has an object with this id, deleted or not."""
        row = self._db.execute("SELECT 1 FROM objects WHERE id = ? LIMIT 1", (object_id,))
        return row.fetchone() is not None

    def all(self, collection: str, *, deleted: bool = False) -> Iterator[Json]:
        """The objects in the order of their making; the deleted ones too if `deleted`."""
        for row in self._db.execute(_ALL if deleted else _LIVE, (collection,)):
            yield _object(row[0])

    def count(self, collection: str) -> int:
        """How many objects are not deleted."""
        query = "SELECT COUNT(*) FROM objects WHERE collection = ? AND deleted = 0"
        return int(self._db.execute(query, (collection,)).fetchone()[0])

    def holders(self, collection: str, name: str, *, exact: bool, deleted: bool) -> list[str]:
        """Ids of the objects that hold `name`."""
        query = "SELECT id, name FROM objects WHERE collection = ? AND folded = ? AND deleted <= ?"
        rows = self._db.execute(query, (collection, column(folded(name)), int(deleted)))
        return [object_id for object_id, held in rows if not exact or held == column(name)]

    def holders_of(self, collection: str, field: str, value: str) -> list[str]:
        """Ids of the objects, not deleted, whose `field` is `value`. Reads the whole collection."""
        query = (
            "SELECT id FROM objects WHERE collection = ? AND deleted = 0"
            " AND json_extract(body, '$.' || ?) = ?"
        )
        return [
            object_id
            for (object_id,) in self._db.execute(query, (collection, field, column(value)))
        ]

    def save(self, records: Iterable[Record]) -> None:
        """Writes objects, new ones and those there are."""
        found = list(records)
        keys = [(record.collection, record.id) for record in found]
        self._db.executemany(_UPSERT, map(as_row, found))
        self._db.executemany(_FORGET_REFERENCES, keys)
        self._db.executemany(
            "INSERT OR IGNORE INTO refs (target_collection, target, field, collection, id)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                (to.collection, column(to.id), to.field, record.collection, record.id)
                for record in found
                if not record.deleted
                for to in record.references
            ),
        )

    def erase(self, collection: str, object_id: str) -> None:
        """Removes an object for good."""
        key = (collection, object_id)
        self._db.execute("DELETE FROM objects WHERE collection = ? AND id = ?", key)
        self._db.execute(_FORGET_REFERENCES, key)

    # References

    def referrers(self, collection: str, object_id: str) -> list[tuple[str, str, str]]:
        """Who names this object: (collection, id, field) of each, in a fixed order."""
        query = (
            "SELECT collection, id, field FROM refs"
            " WHERE target_collection = ? AND target = ? ORDER BY collection, id, field"
        )
        return list(self._db.execute(query, (collection, object_id)))

    def count_referrers(self, collection: str, object_id: str) -> int:
        """How many objects name this one."""
        query = "SELECT COUNT(*) FROM refs WHERE target_collection = ? AND target = ?"
        return int(self._db.execute(query, (collection, object_id)).fetchone()[0])

    # Counters and facts

    def revision(self, scope: str) -> int:
        """The revision of a collection, or of the account."""
        query = "SELECT value FROM revisions WHERE scope = ?"
        row = self._db.execute(query, (scope,)).fetchone()
        if row is None and scope != ACCOUNT_SCOPE:
            # A file that was made before there was such a collection has no row for it alone.
            return min(self.revision(ACCOUNT_SCOPE), 1)
        return int(row[0])

    def set_revision(self, scope: str, value: int) -> None:
        """Starts a revision counter."""
        self._db.execute("INSERT OR REPLACE INTO revisions VALUES (?, ?)", (scope, value))

    def bump(self, collection: str) -> None:
        """Counts a change of the collection, and of the account."""
        for scope in (collection, ACCOUNT_SCOPE):
            self.set_revision(scope, self.revision(scope) + 1)

    def meta(self, key: str) -> str:
        """A fact about the account."""
        return str(self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0])

    def noted(self, key: str) -> str | None:
        """A fact about the account that need not be known."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Notes a fact about the account."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def _object(text: str) -> Json:
    found: Json = json.loads(text)
    return found
