"""The revision and `If-Match` (3.3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.support import (
    ALL,
    APPS,
    BILLING,
    GROUPS,
    KEYS,
    LOBS,
    PROFILES,
    SKILLS,
    USERS,
    Account,
    application,
    bot,
    profile,
)

_CREATABLE: list[tuple[str, dict[str, Any]]] = [
    (SKILLS, {"name": "Returns"}),
    (USERS, bot()),
    (PROFILES, profile()),
    (GROUPS, {"name": "Night", "isEnabled": True, "parentGroupId": -1}),
    (LOBS, {"name": "Travel"}),
    (APPS, application()),
]


@pytest.mark.parametrize(("path", "body"), _CREATABLE)
def test_every_write_raises_the_revision_of_its_collection_alone(
    account: Account, path: str, body: dict[str, Any]
) -> None:
    others = [other for other, _ in _CREATABLE if other != path]
    before = [account.revision(other) for other in others]
    start = int(account.revision(path))

    created = account.post(path, body)
    assert created.headers["ac-revision"] == str(start + 1)
    item = f"{path}/{created.json()['id']}"
    assert created.headers["location"] == item

    updated = account.put(item, account.get(item).json(), if_match=start + 1)
    assert (updated.status_code, updated.headers["ac-revision"]) == (200, str(start + 2))
    assert "location" not in updated.headers
    deleted = account.delete(item, if_match=start + 2)
    assert (deleted.status_code, deleted.headers["ac-revision"]) == (200, str(start + 3))
    assert account.revision(path) == str(start + 3)
    assert [account.revision(other) for other in others] == before


def test_a_refused_write_changes_neither_revision_nor_objects(account: Account) -> None:
    before = (account.revision(SKILLS), account.sandbox.dump())
    account.post(SKILLS, {"name": "Billing"})
    account.put(f"{SKILLS}/{BILLING}", {"name": "Billing", "lobIds": [1]})
    account.delete(f"{SKILLS}/{BILLING}")
    assert (account.revision(SKILLS), account.sandbox.dump()) == before


@pytest.mark.parametrize("path", [SKILLS, f"{SKILLS}/{BILLING}"])
def test_a_read_with_the_current_revision_is_a_304(account: Account, path: str) -> None:
    current = account.revision(SKILLS)
    for sent, status in [(current, 304), (f'"{current}"', 304), ("-1", 200), ("1", 200)]:
        answer = account.get(path, "v=2.0", headers={"If-Match": sent})
        assert (answer.status_code, answer.headers["ac-revision"]) == (status, current)
        assert bool(answer.content) == (status == 200)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("{current}", 200),
        ('"{current}"', 200),
        ('W/"{current}"', 200),
        ("-1", 200),
        ("*", 200),
        ("1", 409),
        ("9999999", 409),
        ("-2", 400),
        ("latest", 400),
        ("", 400),
        (None, 400),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_write_needs_the_current_revision(
    account: Account, method: str, sent: str | None, status: int
) -> None:
    skill = account.create(SKILLS, {"name": "Returns"})
    item = f"{SKILLS}/{skill['id']}"
    revision = None if sent is None else sent.format(current=account.revision(SKILLS))
    if method == "PUT":
        answer = account.put(item, skill | {"description": "new"}, if_match=revision)
    else:
        answer = account.delete(item, if_match=revision)
    assert answer.status_code == status
    if status == 409:
        assert answer.json()["responseStatus"] == "CONFLICT"
        assert "ac-revision" not in answer.headers, "who was refused must read again"


def test_someone_elses_edit_of_another_object_makes_a_revision_stale(account: Account) -> None:
    mine = account.revision(USERS)
    account.sandbox.put("users", bot("theirs"))
    assert account.put(USERS, [], if_match=mine).status_code == 409


def test_app_keys_have_no_revision_and_nothing_has_an_etag(account: Account) -> None:
    for path, query in ALL.items():
        headers = account.get(path, query, headers={"If-Match": "1"}).headers
        assert ("ac-revision" in headers) == (path != KEYS)
        assert "etag" not in headers
