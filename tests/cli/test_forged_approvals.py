"""Approvals that are old, damaged or forged: nothing is written because of one."""

import json
import random
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from lebots.core.compare.digest import digest_of
from lebots.errors import Refused, UsageError
from lebots.run.approval import Approval
from lebots.run.change.expected import duration, stamp
from tests.cli.conftest import Project, skill
from tests.night import at_night

PLAN = Path("plan.json")


@pytest.fixture
def saved(lebots: Project) -> Mapping[str, Any]:
    assert lebots("plan", "--out", "plan.json").code == 0
    document: Mapping[str, Any] = json.loads(PLAN.read_text())
    return document


# Age


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def ago(time: timedelta) -> str:
    return stamp(datetime.now(UTC) - time)


@pytest.mark.parametrize(
    ("at", "options", "code", "words"),
    [
        (1 * MINUTE, [], 0, ""),
        (23 * HOUR, ["--max-age", "24h"], 0, ""),
        (25 * HOUR, [], 6, "more than 24 hours ago"),
        (25 * HOUR, ["--max-age", "2d"], 0, ""),
        (31 * MINUTE, ["--max-age", "30m"], 6, "more than 30 minutes ago"),
        (-1 * HOUR, [], 6, "made in the future"),
        ("", ["--max-age", "24h"], 2, "does not tell its age"),
        ("@yesterday", [], 2, "is no time"),
        ("@", [], 2, "is no time"),
        ("@2026-12-01T10:00", [], 2, "is no time"),
        (1 * MINUTE, ["--max-age", "soon"], 2, "write a duration"),
        (1 * MINUTE, ["--max-age", "0h"], 2, "write a duration"),
    ],
)
@pytest.mark.parametrize("digits", [64, 12])
def test_a_digest_ages(
    lebots: Project,
    saved: Mapping[str, Any],
    digits: int,
    at: str | timedelta,
    options: list[str],
    code: int,
    words: str,
) -> None:
    ran = lebots(
        "apply",
        "--expect",
        f"{saved['digest'][:digits]}{at if isinstance(at, str) else ago(at)}",
        *options,
    )
    assert ran.code == code, ran.all
    assert words in " ".join(ran.err.split())
    assert bool(lebots.writes) is (code == 0)
    if code == 0:
        assert f"digest {saved['digest']}" in ran.out, "the whole is shown"


def test_the_digest_of_a_saved_plan_ages_too(lebots: Project, saved: Mapping[str, Any]) -> None:
    ran = lebots("apply", "plan.json", "--expect", f"{saved['digest']}{ago(25 * HOUR)}")
    assert (ran.code, lebots.writes) == (6, [])
    assert "this digest was made" in ran.err
    for digest in (f"{saved['digest']}{ago(25 * HOUR)}", saved["digest"]):
        assert lebots("apply", "plan.json", "--expect", digest, "--max-age", "2d").code == 0


@pytest.mark.parametrize(
    ("text", "minutes"), [("24", 1440), ("24h", 1440), ("5m", 5), ("2d", 2880)]
)
def test_durations(text: str, minutes: int) -> None:
    assert duration(text) == timedelta(minutes=minutes)


# Damage


def test_no_flipped_bit_goes_unnoticed(lebots: Project, saved: Mapping[str, Any]) -> None:
    whole = PLAN.read_bytes()
    flips = [(place, bit) for place in range(len(whole)) for bit in range(8)]
    for place, bit in random.Random(14).sample(flips, 10_000 if at_night() else 150):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << bit
        PLAN.write_bytes(damaged)
        with pytest.raises((Refused, UsageError)):
            Approval.read(PLAN)


# Forgeries


def _smuggled(plan: Any) -> None:
    """One more change, of a manifest that came after the review."""
    plan["changes"].append({**deepcopy(plan["changes"][0]), "address": "Skill/smuggled"})


def _digest_of_smuggled(plan: Any) -> None:
    plan["changes"][0]["digest"] = SMUGGLED[0]


def _added_digest(plan: Any) -> None:
    plan["changes"].append({**deepcopy(plan["changes"][0]), "digest": SMUGGLED[0]})


SMUGGLED: list[str] = []
"""The digest of a change that nobody reviewed."""


def _removed(plan: Any) -> None:
    plan["changes"].pop(0)


def _without_digests(plan: Any) -> None:
    for one in plan["changes"]:
        one.pop("digest", None)


def _digests(value: Any) -> Callable[[Any], None]:
    def forge(plan: Any) -> None:
        for one in plan["changes"]:
            one["digest"] = value

    return forge


def _set(*path: Any, to: Any) -> Callable[[Any], None]:
    def forge(plan: Any) -> None:
        inner = plan
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = to

    return forge


FORGERIES: dict[str, Callable[[Any], None]] = {
    "a change more": _smuggled,
    "the digest of another change": _digest_of_smuggled,
    "one more digest": _added_digest,
    "a change less": _removed,
    "no change at all": _set("changes", to=[]),
    "no digests": _without_digests,
    "digests of nothing": _digests("0" * 64),
    "digests that are no text": _digests(7),
    "digests in capitals": _digests("A" * 64),
    "another account": _set("account", to="70001234"),
    "an account that is no text": _set("account", to=55501234),
    "no terms": _set("terms", to={}),
    "another sink": _set("terms", "sinks", "runtime", "path", to="elsewhere/{name}"),
    "a program for a sink": _set(
        "terms", "sinks", "runtime", to={"type": "command", "command": ["./steal"]}
    ),
    "one more sink": _set("terms", "sinks", "other", to={"type": "dotenv"}),
    "a lowered guard": _set("terms", "rules", "maxDeletePercent", to=100),
    "no protection": _set("terms", "rules", "protect", to=["Skill/x"]),
    "another lebots": _set("terms", "rules", "lebots", to="9.9.9"),
    "other terms": _set("terms", to={"sinks": {}, "rules": {}}),
    "another format": _set("formatVersion", to=3),
    "a digest of nothing": _set("digest", to="0" * 64),
    "other manifests": _set("paths", to=["elsewhere"]),
    "a text beside": _set("approved", to=True),
}


def sealed(plan: Any) -> str:
    """The text with a right checksum, as somebody makes it who knows how."""
    body = {name: part for name, part in plan.items() if name != "checksum"}
    text = json.dumps(body, indent=2)
    return json.dumps({**body, "checksum": sha256(text.encode()).hexdigest()}, indent=2) + "\n"


def digested(plan: Any) -> None:
    """A right digest too: whoever can write the file can make one."""
    digests = [one["digest"] for one in plan["changes"] if isinstance(one.get("digest"), str)]
    plan["digest"] = digest_of(plan["account"], digests, (), plan["terms"])


@pytest.mark.parametrize("what", FORGERIES)
@pytest.mark.parametrize("skilled", [False, True], ids=["checksum", "digest too"])
def test_a_forged_plan_writes_nothing(
    lebots: Project, saved: Mapping[str, Any], what: str, *, skilled: bool
) -> None:
    """Who makes the digest anew as well is stopped by the one that was reviewed."""
    lebots.write("elsewhere/smuggled.yaml", skill("smuggled"))
    found = lebots("plan", "elsewhere", "--format", "json").json
    SMUGGLED[:] = [one["digest"] for one in found["changes"] if one["action"] == "create"]
    plan = deepcopy(dict(saved))
    FORGERIES[what](plan)
    if skilled and "a digest" not in what:
        digested(plan)
    PLAN.write_text(sealed(plan))
    lebots.write("manifests/smuggled.yaml", skill("smuggled"))
    reviewed = ["--expect", saved["digest"]] if skilled else []
    ran = lebots("apply", "plan.json", *reviewed)
    assert ran.code in (2, 6, 7), ran.all
    assert lebots.writes == []
