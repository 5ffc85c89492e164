"""Receipts as JSON: what is written can be read, and nothing else is."""

import json as stdlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lebots.core.history.receipt import Baseline, Entry, Known, Receipt
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Status
from lebots.core.model.plan import Calls
from lebots.documents import receipt as render
from lebots.documents.receipt import document, read, receipt_schema, write
from lebots.errors import Refused
from tests.render import hostile
from tests.render.hostile import law
from tests.render.test_json import objects

VALIDATOR = Draft202012Validator(receipt_schema())
DIGEST = "ab" * 32
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EXAMPLE = Receipt(
    lebots="0.4.0",
    account="10000001",
    digest=DIGEST,
    started=START,
    ended=START + timedelta(seconds=9),
    targets=(Address("BotUser", "refund-bot"),),
    requests=Calls(14, 2),
    entries=(
        Entry(DIGEST, Address("Key", "refunds"), Action.CREATE, Status.DONE, "k1"),
        Entry("cd" * 32, Address("BotUser", "x"), Action.UPDATE, Status.FAILED, None, "403 no"),
    ),
    converged=False,
    undelivered=(Address("Key", "refunds"),),
    baseline=Baseline(
        (Known(Address("BotUser", "x"), "7", {"nickname": DIGEST}),),
        frozenset({("BotUser", "9"), ("BotUser", "8")}),
        {"users": 3},
    ),
)


def test_a_receipt_is_written_as_shown() -> None:
    assert document(EXAMPLE) == {
        "formatVersion": 1,
        "lebotsVersion": "0.4.0",
        "account": "10000001",
        "digest": DIGEST,
        "targets": ["BotUser/refund-bot"],
        "startedAt": "2026-01-02T03:04:05Z",
        "endedAt": "2026-01-02T03:04:14Z",
        "requests": {"reads": 14, "writes": 2},
        "summary": {"done": 1, "failed": 1, "blocked": 0, "unknown": 0, "held": 0},
        "converged": False,
        "changes": [
            {
                "digest": DIGEST,
                "address": "Key/refunds",
                "action": "create",
                "status": "done",
                "id": "k1",
                "error": None,
            },
            {
                "digest": "cd" * 32,
                "address": "BotUser/x",
                "action": "update",
                "status": "failed",
                "id": None,
                "error": "403 no",
            },
        ],
        "undelivered": ["Key/refunds"],
        "baseline": {
            "objects": [{"address": "BotUser/x", "id": "7", "fields": {"nickname": DIGEST}}],
            "undeclared": [{"kind": "BotUser", "id": "8"}, {"kind": "BotUser", "id": "9"}],
            "counts": {"users": 3},
        },
    }
    assert read(write(EXAMPLE).encode()) == EXAMPLE


def test_times_are_in_utc_whatever_the_clock() -> None:
    zone = timezone(timedelta(hours=-5))
    local = Receipt("0.4.0", "1", DIGEST, START.astimezone(zone), START.astimezone(zone))
    assert document(local)["startedAt"] == "2026-01-02T03:04:05Z"
    assert read(write(local).encode()).started == START


digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
names = hostile.texts.filter(bool)
addresses = st.builds(Address, st.sampled_from(["Skill", "Key"]), names)
entries = st.builds(
    Entry,
    digests,
    addresses,
    st.sampled_from(list(Action)),
    st.sampled_from(list(Status)),
    st.none() | hostile.texts,
    hostile.texts,
)
baselines = st.builds(
    Baseline,
    st.lists(
        st.builds(Known, addresses, hostile.texts, st.dictionaries(hostile.texts, digests)),
        max_size=2,
    ).map(tuple),
    st.frozensets(st.tuples(hostile.texts, hostile.texts), max_size=2),
    st.dictionaries(hostile.texts, st.integers(0, 9), max_size=2),
)
receipts = st.builds(
    Receipt,
    hostile.texts,
    hostile.texts,
    digests,
    moments,
    moments,
    st.lists(addresses, max_size=2).map(tuple),
    st.builds(Calls, st.integers(0, 99), st.integers(0, 99)),
    st.lists(entries, max_size=2).map(tuple),
    st.sampled_from([True, False, None]),
    st.lists(addresses, max_size=2).map(tuple),
    st.none() | baselines,
)


@law
@given(receipts)
def test_what_was_written_can_be_read(receipt: Receipt) -> None:
    text = write(receipt)
    assert text.isascii()
    hostile.assert_harmless(text.removesuffix("\n"))
    VALIDATOR.validate(stdlib.loads(text))
    assert read(text.encode()) == receipt


def test_every_property_is_described_and_no_other_is_allowed() -> None:
    Draft202012Validator.check_schema(receipt_schema())
    found = list(objects(receipt_schema()))
    assert len(found) == 7
    for schema in found:
        assert schema["additionalProperties"] is False
        optional = {"changedBeside", "signature"}
        assert schema["required"] == [n for n in schema["properties"] if n not in optional]
        assert all(part.get("description") for part in schema["properties"].values())


# What is refused


def refused(content: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read(content)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a receipt"),
        (b"[]", "not a receipt"),
        (b"\xff\xfe", "not a receipt"),
        (b"<!doctype html>", "not a receipt"),
        (b"[" * 100_000, "not a receipt"),
        (b'{"formatVersion": 1, "formatVersion": 1}', "not a receipt"),
        (b'{"formatVersion": NaN}', "not a receipt"),
        (b"{}", "not of format 1"),
        (b'{"formatVersion": 2}', "use the lebots that wrote it"),
        (b'{"formatVersion": "1"}', "not of format 1"),
        (b'{"formatVersion": true}', "not of format 1"),
        (b'{"formatVersion": 1}', "shape of a receipt"),
    ],
)
def test_anything_else_is_refused(content: bytes, words: str) -> None:
    assert words in refused(content)


def test_a_newer_format_is_refused_for_that_and_not_for_its_shape() -> None:
    newer = {**document(EXAMPLE), "formatVersion": 2, "more": 1}
    assert "not of format 1" in refused(stdlib.dumps(newer).encode())


def test_too_much_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "MAX_BYTES", 100)
    assert "larger than 100 bytes" in refused(b" " * 101)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [
            p for key, part in value.items() for p in [(*path, key), *leaves(part, (*path, key))]
        ]
    if isinstance(value, list):
        return [p for at, part in enumerate(value) for p in leaves(part, (*path, at))]
    return []


def altered(path: tuple[Any, ...], how: Any) -> bytes:
    found = stdlib.loads(write(EXAMPLE))
    holder = found
    for step in path[:-1]:
        holder = holder[step]
    if how is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = how
    return stdlib.dumps(found).encode()


FREE = {"fields", "counts"}
"""Mappings with names of their own: one name more or less is as good."""


@pytest.mark.parametrize("path", leaves(document(EXAMPLE)), ids=str)
def test_a_receipt_that_lacks_a_part_is_none(path: tuple[Any, ...]) -> None:
    if len(path) < 2 or path[-2] not in FREE:
        assert refused(altered(path, ...))
        assert refused(altered((*path[:-1], "more"), 1))
    assert refused(altered(path, {"a": "b"}))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("startedAt",), "2026-13-02T03:04:05Z"),
        (("endedAt",), "2026-01-02 03:04:05"),
        (("digest",), "AB" * 32),
        (("targets",), ["nothing"]),
        (("undelivered",), ["/x"]),
        (("changes", 0, "address"), "Key/"),
        (("changes", 0, "action"), "destroy"),
        (("changes", 0, "status"), "fine"),
        (("baseline", "objects", 0, "address"), "nobody"),
        (("baseline", "counts", "users"), -1),
        (("requests", "reads"), 1.5),
        (("converged",), 1),
    ],
)
def test_a_value_that_means_nothing_is_refused(path: tuple[Any, ...], value: Any) -> None:
    assert "shape of a receipt" in refused(altered(path, value))
