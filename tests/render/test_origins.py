"""A plan that was compared with a base: three sections, every difference in one of them."""

import json as stdlib
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from lebots.core.compare.digest import plan_digest
from lebots.core.model.change import Change, Origin
from lebots.core.model.plan import Plan
from lebots.documents import plan as json
from lebots.documents.saved_plan import open_sealed, seal
from lebots.render.plain import plan as text
from lebots.render.plan_view import PlanView
from tests.render import examples
from tests.render.conftest import Golden
from tests.render.examples import EXAMPLE, KINDS, MADE, PLACES

PROPOSED, PENDING, DRIFT = Origin.PROPOSED, Origin.PENDING, Origin.DRIFT


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


def sections(shown: str) -> dict[str, list[str]]:
    """The lines below each heading of the list of changes."""
    (part,) = [part for part in shown.split("\n\n") if part.startswith("CHANGES")]
    found: dict[str, list[str]] = {}
    for line in part.splitlines()[1:]:
        if not line.split()[0].isdigit():
            found[line.strip().partition(",")[0]] = last = []
        else:
            last.append(line)
    return found


def test_three_sections_are_drawn_as_shown(golden: Golden) -> None:
    shown = drawn(THREE)
    assert shown == golden("origins.txt", shown)
    assert max(map(len, shown.splitlines())) <= 92


def test_every_difference_stands_in_one_section() -> None:
    shown = drawn(THREE)
    listed = sections(shown)
    assert {heading: [line.split()[0] for line in lines] for heading, lines in listed.items()} == {
        "THIS BRANCH": ["1", "2", "3", "5"],
        "PENDING": ["1"],
        "DRIFT": ["2", "4"],
    }
    assert "description" in listed["THIS BRANCH"][1]
    assert "maxWaitTime" not in listed["THIS BRANCH"][1]
    assert "maxWaitTime" in listed["DRIFT"][0]
    assert "4 by this branch    1 pending    2 drift" in shown


def test_each_field_belongs_to_the_section_of_its_origin() -> None:
    listed = [
        (number, part.path)
        for numbered in PlanView(THREE, KINDS).differences.values()
        for number, change in numbered
        for part in change.fields
    ]
    every = [(n, p.path) for n, c in enumerate(THREE.writes, 1) for p in c.fields]
    assert sorted(listed) == sorted(every)


@pytest.mark.parametrize(
    ("only", "heading"), list(zip((PROPOSED, PENDING, DRIFT), sections(drawn(THREE)), strict=True))
)
def test_a_section_with_nothing_in_it_is_left_out(only: Origin, heading: str) -> None:
    plan = replace(EXAMPLE, changes=tuple(of(change, only) for change in EXAMPLE.writes))
    assert [*sections(drawn(plan))] == [heading]


def test_without_a_base_there_is_one_list() -> None:
    shown = drawn(EXAMPLE)
    assert "CHANGES, in order of apply" in shown
    assert "THIS BRANCH" not in shown
    assert "by this branch" not in shown


def test_the_digest_is_the_same() -> None:
    assert plan_digest(THREE) == plan_digest(EXAMPLE)


def test_origins_in_json() -> None:
    found = json.plan(THREE, version="0.4.0")
    Draft202012Validator(json.plan_schema()).validate(found)
    assert found["origins"] == {
        "proposed": 4,
        "pending": 1,
        "drift": 2,
        "conflict": 0,
        "no-longer-declared": 0,
    }
    changes = found["changes"]
    assert [one.get("origin") for one in changes[:6]] == [
        *("pending", "proposed", "proposed", "drift", "proposed"),
        None,
    ]
    assert [part["origin"] for part in changes[0]["fields"]] == ["pending", "proposed", "pending"]
    bare = json.plan(EXAMPLE, version="0.4.0")
    assert "origin" not in stdlib.dumps(bare)
    saved = open_sealed(seal(found, MADE))
    assert saved["origins"] == found["origins"]
