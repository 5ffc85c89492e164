"""The file behind an account: opening, refusing, reading only, going back."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from lebots.sandbox import Sandbox, SandboxError
from tests.sandbox.support import ALL, BILLING, SKILLS, USERS, Account, bot


def test_a_missing_file_and_its_folder_are_made_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "sandbox.db"
    Account(path=path).sandbox.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["sandbox.db"]


def test_an_account_is_the_same_after_it_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    first = Account(path=path, account="987")
    first.sandbox.put("skills", {"name": "Kept"})
    before, revision = first.sandbox.dump(), first.sandbox.app.requests
    first.sandbox.close()

    again = Account(path=str(path), account="55501234")
    assert again.sandbox.account == "987", "the file knows which account it is"
    assert again.sandbox.dump() == before
    assert revision == []


def test_two_new_accounts_that_are_asked_the_same_answer_the_same(
    open_account: Callable[..., Account],
) -> None:
    one, two = open_account(), open_account()
    for account in (one, two):
        account.post(SKILLS, {"name": "Returns"})
        account.post(USERS, bot())
    assert one.list(USERS) == two.list(USERS)
    assert one.sandbox.dump() == two.sandbox.dump()


def _folder(path: Path) -> None:
    path.mkdir()


def _text(path: Path) -> None:
    path.write_text("apiVersion: lebots/v1\n" * 100)


def _foreign_database(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE notes (text)")
    database.close()


def _newer_format(path: Path) -> None:
    Account(path=path).sandbox.close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_folder, "is no regular file"),
        (_text, "is not a sandbox account (file is not a database)"),
        (_foreign_database, "is not a sandbox account (another program's database)"),
        (_newer_format, "has format 99 and this lebots knows 1"),
    ],
)
def test_what_is_no_account_is_refused_in_one_line(
    tmp_path: Path, make: object, reason: str
) -> None:
    path = tmp_path / "other"
    make(path)  # type: ignore[operator]
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(SandboxError) as refused:
        Sandbox(path)
    message = str(refused.value)
    assert str(path) in message
    assert reason in message
    assert "\n" not in message
    assert before == (path.read_bytes() if path.is_file() else None), "left as it was"


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SandboxError, match=r"file/sandbox\.db: "):
        Sandbox(tmp_path / "file" / "sandbox.db")


def test_reading_never_touches_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    Account(path=path).sandbox.close()
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    account = Account(path=path)
    for collection in ALL:
        account.list(collection)
    account.get(f"{SKILLS}/{BILLING}")
    account.sandbox.show()
    account.sandbox.close()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_read_only_file_can_be_read_but_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sandbox.db"
    Account(path=path).sandbox.close()
    path.chmod(0o444)
    # The tests may run as root, who may write anything.
    monkeypatch.setattr(os, "access", lambda file, mode: mode != os.W_OK)
    account = Account(path=path)
    assert len(account.list(SKILLS)) == 4
    refused = account.post(SKILLS, {"name": "Returns"})
    assert (refused.status_code, refused.json()["responseStatus"]) == (403, "FORBIDDEN")
    with pytest.raises(SandboxError, match="read-only"):
        account.sandbox.reset()
    account.sandbox.close()


def test_a_file_that_fails_is_a_500_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    account = Account(path=path)
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE refs")
    database.close()
    failed = account.post(SKILLS, {"name": "Returns"})
    assert failed.status_code == 500
    assert "no such table" in failed.json()["message"]
    assert [skill["name"] for skill in account.list(SKILLS)] == [
        "Customer care",
        "Billing",
        "Sales",
        "Survey",
    ]
    account.sandbox.close()


def test_reset_goes_back_to_the_seeded_account(account: Account) -> None:
    fresh = account.sandbox.dump()
    revision = account.revision(SKILLS)
    account.sandbox.seed(users=3, skills=2)
    account.post(SKILLS, {"name": "Returns"})
    account.sandbox.reset()
    assert account.sandbox.dump() == fresh
    assert account.revision(SKILLS) == revision
    assert account.create(SKILLS, {"name": "Returns"})["id"] == 4100201001


def test_two_sandboxes_share_one_file(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    one, two = Account(path=path), Account(path=path)
    first = one.create(SKILLS, {"name": "Returns"})
    assert two.one(SKILLS, first["id"])["name"] == "Returns"
    assert two.create(SKILLS, {"name": "Repairs"})["id"] == first["id"] + 1
    for account in (one, two):
        account.sandbox.close()
