"""What is wrong with the account's file, in words that end in the step to take next."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import suppress

_BUSY = "is locked: another process uses it; try again when that has ended"
_FULL = "cannot be written, since the disk is full; make room, then try again"
_FAILING = "cannot be read or written ({error}); look at the disk, then try again"
_FORBIDDEN = "cannot be opened or written ({error}); look at its permissions and its folder's"
_ANOTHER = "is not a sandbox account ({error}); name another file"
_DAMAGED = "is damaged ({error}); move it away to start anew"
_BY_CODE = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _FAILING,
    sqlite3.SQLITE_NOMEM: _FAILING,
    sqlite3.SQLITE_CANTOPEN: _FORBIDDEN,
    sqlite3.SQLITE_PERM: _FORBIDDEN,
    sqlite3.SQLITE_AUTH: _FORBIDDEN,
    sqlite3.SQLITE_READONLY: _FORBIDDEN,
    sqlite3.SQLITE_NOTADB: _ANOTHER,
}
_PRIMARY = 0xFF
"""The part of SQLite's extended codes that tells what kind of failure it is."""

_COLUMNS = {
    "meta": "key, value",
    "revisions": "scope, value",
    "objects": "collection, id, deleted, name, folded, body",
    "refs": "target_collection, target, field, collection, id",
}


def words(error: sqlite3.Error) -> str:
    """What a failure of SQLite says of the file."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
    return _BY_CODE.get(code, _DAMAGED).format(error=error)


def complaint(database: sqlite3.Connection, error: Exception) -> str | None:
    """What is wrong with the file that an operation failed on; None where the file is sound."""
    if isinstance(error, sqlite3.Error):
        return words(error)
    try:
        found = next(_damages(database), None)
    except sqlite3.Error as failure:
        return words(failure)
    return found and _DAMAGED.format(error=found)


def _damages(database: sqlite3.Connection) -> Iterator[str]:
    (check,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if check != "ok":
        yield str(check).splitlines()[-1]
    for table, columns in _COLUMNS.items():
        database.execute(f"SELECT {columns} FROM {table} LIMIT 0")  # noqa: S608 - constants
    if not database.execute("SELECT 1 FROM meta WHERE key = 'account'").fetchone():
        yield "it does not tell its account"
    collections = "SELECT collection FROM objects UNION SELECT '*'"
    for (scope,) in database.execute(f"{collections} EXCEPT SELECT scope FROM revisions"):  # noqa: S608
        yield f"the revision of {scope} is missing"
    for scope, value in database.execute("SELECT scope, value FROM revisions"):
        if not isinstance(value, int):
            yield f"the revision of {scope} is no number"
    for collection, key, text in database.execute("SELECT collection, id, body FROM objects"):
        if not _is_object(text, key):
            yield f"{key} in {collection} cannot be read"


def _is_object(text: object, key: str) -> bool:
    found: object = None
    with suppress(TypeError, ValueError, RecursionError):
        found = json.loads(text)  # type: ignore[arg-type]
    return isinstance(found, dict) and key in map(str, found.values())
