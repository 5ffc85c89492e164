"""A plan that was compared with a base: three sections, every difference in one of them."""

import json as stdlib
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from lebots.core.digest import plan_digest
from lebots.core.model import Change, Origin, Plan
from lebots.render import json, origins, text
from tests.render import examples
from tests.render.examples import EXAMPLE, KINDS, PLACES

PROPOSED, PENDING, DRIFT = Origin.PROPOSED, Origin.PENDING, Origin.DRIFT
GOLDEN = Path(__file__).parent / "golden" / "origins.txt"


def of(change: Change, origin: Origin, *fields: Origin) -> Change:
    """The change with its origin; its fields have the same unless they are given."""
    each = fields or (origin,) * len(change.fields)
    parts = zip(change.fields, each, strict=True)
    return replace(
        change, origin=origin, fields=tuple(replace(part, origin=own) for part, own in parts)
    )


THREE = replace(
    EXAMPLE,
    changes=(
        of(examples.CREATE_SKILL, PENDING, PENDING, PROPOSED, PENDING),
        of(examples.UPDATE_SKILL, PROPOSED, PROPOSED, DRIFT),
        of(examples.CREATE_KEY, PROPOSED),
        of(examples.CREATE_BOT, DRIFT),
        of(examples.DELETE_BOT, PROPOSED),
        *EXAMPLE.changes[5:],
    ),
)


def drawn(plan: Plan) -> str:
    return text.plan(plan, KINDS, version="0.4.0", places=PLACES)


def section(shown: str, heading: str) -> list[str]:
    part = next(part for part in shown.split("\n\n") if part.startswith(heading))
    return part.splitlines()[1:]


def test_three_sections_are_drawn_as_shown() -> None:
    shown = drawn(THREE)
    assert shown + "\n" == GOLDEN.read_text(encoding="utf-8")
    assert max(map(len, shown.splitlines())) <= 92


def test_every_difference_stands_in_one_section() -> None:
    shown = drawn(THREE)
    numbers = {
        origin: [line.split()[0] for line in section(shown, heading)]
        for origin, heading in origins.HEADINGS.items()
    }
    assert numbers == {PROPOSED: ["1", "2", "3", "5"], PENDING: ["1"], DRIFT: ["2", "4"]}
    assert "description" in section(shown, "THIS CHANGE")[1]
    assert "maxWaitTime" not in section(shown, "THIS CHANGE")[1]
    assert "maxWaitTime" in section(shown, "CHANGED IN THE ACCOUNT")[0]
    assert "4 by this change    1 pending on base    2 changed in the account" in shown


def test_each_field_belongs_to_the_section_of_its_origin() -> None:
    listed = [
        (number, part.path)
        for origin, chosen in origins.sections(THREE)
        for number, change in chosen
        for part in origins.fields_of(change, origin)
    ]
    every = [(n, p.path) for n, c in enumerate(THREE.writes, 1) for p in c.fields]
    assert sorted(listed) == sorted(every)


@pytest.mark.parametrize("only", list(Origin))
def test_a_section_with_nothing_in_it_is_left_out(only: Origin) -> None:
    plan = replace(EXAMPLE, changes=tuple(of(change, only) for change in EXAMPLE.writes))
    shown = drawn(plan)
    for origin, heading in origins.HEADINGS.items():
        assert (heading in shown) is (origin is only)
    assert "CHANGES, in order of apply" not in shown


def test_without_a_base_there_is_one_list() -> None:
    shown = drawn(EXAMPLE)
    assert "CHANGES, in order of apply" in shown
    assert not any(heading in shown for heading in origins.HEADINGS.values())
    assert "by this change" not in shown


def test_the_digest_is_the_same() -> None:
    assert plan_digest(THREE) == plan_digest(EXAMPLE)


def test_origins_in_json() -> None:
    found = json.plan(THREE, version="0.4.0")
    Draft202012Validator(json.plan_schema()).validate(found)
    assert found["origins"] == {"proposed": 4, "pending": 1, "drift": 2}
    changes = found["changes"]
    assert [one.get("origin") for one in changes[:6]] == [
        *("pending", "proposed", "proposed", "drift", "proposed"),
        None,
    ]
    assert [part["origin"] for part in changes[0]["fields"]] == ["pending", "proposed", "pending"]
    bare = json.plan(EXAMPLE, version="0.4.0")
    assert "origin" not in stdlib.dumps(bare)
    saved = json.open_sealed(json.seal(found))
    assert saved["origins"] == found["origins"]
