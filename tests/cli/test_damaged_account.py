"""The embedded account's file, damaged in every way: said so, with the right next step."""

import os
import resource
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import not_run
from tests.cli.conftest import Project, skill
from tests.night import by_day

Damage = Callable[[Path], None]
PAGE = 4096

DAMAGED = "move it away to start anew"
ANOTHER = "name another file"


def content(change: Callable[[bytearray], bytes | bytearray]) -> Damage:
    def damage(file: Path) -> None:
        file.write_bytes(change(bytearray(file.read_bytes())))

    return damage


def sql(*statements: str) -> Damage:
    def damage(file: Path) -> None:
        database = sqlite3.connect(file)
        for statement in statements:
            database.execute(statement)
        database.commit()
        database.close()

    return damage


def zeroed(page: int) -> Damage:
    def change(found: bytearray) -> bytearray:
        found[PAGE * page : PAGE * (page + 1)] = bytes(PAGE)
        return found

    return content(change)


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: dict[str, tuple[Damage, str]] = {
    "cut in half": (content(lambda found: found[: len(found) // 2]), DAMAGED),
    "one byte short": (content(lambda found: found[:-1]), DAMAGED),
    "cut in the header": (content(lambda found: found[:50]), DAMAGED),
    "first page only": (content(lambda found: found[:PAGE]), DAMAGED),
    "wrong magic": (content(lambda found: b"X" * 16 + found[16:]), ANOTHER),
    "other bytes": (content(lambda found: found[:PAGE] + b"\xaa" * 9 * PAGE), DAMAGED),
    "text": (content(lambda _: b"this is no database, but it is long " * 100), ANOTHER),
    "first page zeroed": (zeroed(0), ANOTHER),
    "second page zeroed": (zeroed(1), DAMAGED),
    "page of users zeroed": (zeroed(10), DAMAGED),
    "last page zeroed": (zeroed(14), DAMAGED),
    **{
        f"no table {name}": (sql(f"DROP TABLE {name}"), DAMAGED)
        for name in ("meta", "revisions", "objects", "refs")
    },
    "another table": (sql("DROP TABLE meta", "CREATE TABLE meta (x)"), DAMAGED),
    "another column": (sql("ALTER TABLE objects RENAME COLUMN body TO corpus"), DAMAGED),
    "later version": (sql("PRAGMA user_version = 99"), ANOTHER),
    "another program's": (sql("PRAGMA application_id = 1"), ANOTHER),
    "broken JSON": (sql("UPDATE objects SET body = '{x' WHERE collection = 'users'"), DAMAGED),
    "JSON of a list": (sql("UPDATE objects SET body = '[1]' WHERE collection = 'users'"), DAMAGED),
    "no JSON": (sql("UPDATE objects SET body = x'ff00'"), DAMAGED),
    "an empty object": (
        sql("UPDATE objects SET body = '{}' WHERE id = '4100200001'"),
        DAMAGED,
    ),
    "no account": (sql("DELETE FROM meta"), DAMAGED),
    "no revisions": (sql("DELETE FROM revisions"), DAMAGED),
    "a revision of text": (sql("UPDATE revisions SET value = 'x'"), DAMAGED),
    "a folder": (folder, ANOTHER),
}
COMMANDS = ("plan", "apply --yes", "import --out imported", "doctor", "sandbox show")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split()[0])
@pytest.mark.parametrize("name", by_day(list(DAMAGES), list(DAMAGES)[::3]))
def test_damages_are_told_as_what_they_are(
    lebots: Project, file: Path, name: str, command: str
) -> None:
    damage, words = DAMAGES[name]
    damage(file)
    ran = lebots(*command.split())
    if command == "sandbox show" and "revision" in name:
        assert ran.code == 0, "it needs none"
        return
    assert ran.code == 5, ran.all
    assert words in ran.all
    assert ran.all.count("sandbox.db") == 1
    assert "a bug in lebots" not in ran.all
    assert lebots.writes == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split()[0])
def test_an_empty_file_is_a_new_account(lebots: Project, file: Path, command: str) -> None:
    file.write_bytes(b"")
    assert lebots(*command.split()).code == 0


def connecting(monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    """Lets the account be opened impatiently, and with these statements first."""

    def connect(connect: Any, *arguments: Any, **options: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = connect(*arguments, **{**options, "timeout": 0})
        for statement in statements:
            made.execute(statement)
        return made

    monkeypatch.setattr(sqlite3, "connect", partial(connect, sqlite3.connect))


def is_about_a_sound_file(text: str, *words: str) -> None:
    """The right words, and no advice to part with the file."""
    assert all(word in text for word in words), text
    assert not any(word in text for word in ("remove", "move it away", "not a sandbox", "a bug"))


@pytest.mark.parametrize("command", [*COMMANDS, "sandbox reset"])
def test_a_locked_file(
    lebots: Project, file: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    connecting(monkeypatch)
    ran = lebots(*command.split())
    other.close()
    assert ran.code == 5
    is_about_a_sound_file(ran.all, "locked", "try again when that has ended")


@pytest.mark.parametrize(("command", "code"), [("apply --yes", 7), ("sandbox seed --users 99", 5)])
def test_a_full_disk(
    lebots: Project, file: Path, monkeypatch: pytest.MonkeyPatch, command: str, code: int
) -> None:
    lebots.write("manifests/more.yaml", "".join(skill(f"skill-{n}") for n in range(60)))
    connecting(monkeypatch, "PRAGMA cache_size = 1", "PRAGMA max_page_count = 1")
    ran = lebots(*command.split())
    assert ran.code == code, ran.all
    is_about_a_sound_file(ran.all, "the disk is full; make room, then try again")


def test_a_file_that_may_not_grow(lebots: Project, file: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size, before[1]))
    try:
        ran = lebots("sandbox", "seed", "--users", "99")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert ran.code == 5
    is_about_a_sound_file(ran.all, "cannot be read or written", "look at the disk")
    assert lebots("sandbox", "show").code == 0, "and it is as it was"


@pytest.mark.skipif(os.geteuid() == 0, reason=not_run.NO_ROOT)
@pytest.mark.parametrize(("mode", "words"), [(0, "permissions"), (0o400, "read-only")])
def test_a_file_without_permission(lebots: Project, file: Path, mode: int, words: str) -> None:
    file.chmod(mode)
    ran = lebots("sandbox", "reset")
    assert ran.code == 5
    is_about_a_sound_file(ran.all, words)
