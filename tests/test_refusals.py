"""Whatever refuses a plan: it keeps every change, says why in every format, and is never applied.

One story for each code that refuses; another test finds the codes in the source.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import lebots
from lebots.core import planner
from lebots.core.compare.change import Sinks
from lebots.core.compare.digest import plan_digest
from lebots.core.model.change import REMOVALS, AllowList, Effect
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account
from lebots.core.model.options import AccountPolicy, EffectCount, PlanOptions, RotationOptions
from lebots.core.model.plan import Plan
from lebots.core.rotate import plan as rotation
from lebots.documents import plan as as_json
from lebots.documents.text import dumps
from lebots.errors import AccountError, InvalidInput, Refused
from lebots.next_steps import worded
from lebots.render.annotations import github
from lebots.render.comment import markdown
from lebots.render.escape import visible
from lebots.render.page import page as html
from lebots.render.plain import plan as text
from lebots.run.notices import gate
from tests.toys import KINDS as TOYS
from tests.toys import account, at, desired, live

_NO_LIES = AllowList("allowedTags", lambda name, _: name != "lies", "tags that are no lies")
KINDS = {
    **TOYS,
    "Book": replace(
        TOYS["Book"],
        login_key="ticket",
        fields=tuple(
            replace(part, allow_list=_NO_LIES) if part.name == "tags" else part
            for part in TOYS["Book"].fields
        ),
    ),
}
SHELF = live("Shelf/A", "1")
NEW = desired("Shelf/New", 30)
"""What has nothing to do with the refusal, and must be shown beside it."""
EMMA = desired("Book/Emma", shelf="A", tags=["new"])
HERS = live("Book/Emma", "3", shelf="A", tags=[])
ANN = desired("Ticket/Ann", type="plastic", colour="grey")
FIRST = live("Ticket/Ann", "t-11111111", colour="blue")
ON_IT = live("Book/Emma", "3", shelf="A", ticket="Ann")
KEY_OF = desired("Book/Emma", ticket="Ann")
DEAD = Sinks(delivered={at("Ticket/Ann"): "t-1"})
HELD = Sinks(delivered={at("Ticket/Ann"): FIRST.id})
PRUNE = PlanOptions(prune=True)
EVERY_BOOK = AccountPolicy(scope={"Book": ("*",)})
BOOKS = tuple(live(f"Book/B{n}", f"3{n}", shelf="A", lent=False) for n in range(4))
REMOVED = tuple(f"disable Book/B{n}" for n in range(4))


def there(*objects: Any, **more: Any) -> Account:
    return account(SHELF, *objects, **more)


@dataclass(frozen=True)
class Story:
    """An account and manifests, the code that refuses them, and what must be shown all the same."""

    code: str
    wanted: tuple[Desired, ...] = ()
    where: Account = field(default_factory=there)
    shows: tuple[str, ...] = ()
    """Changes that the refusal itself is about; none where it cannot be known what they are."""
    sinks: Sinks = field(default_factory=Sinks)
    asked: PlanOptions = field(default_factory=PlanOptions)
    allowed: AccountPolicy = field(default_factory=AccountPolicy)
    exit_code: int = 6

    def plan(self) -> Plan:
        wanted = (NEW, *self.wanted)
        return planner.plan(
            wanted, Inventory(self.where, KINDS), self.sinks, self.asked, self.allowed
        )


@dataclass(frozen=True)
class Rotation(Story):
    """The same for a rotation."""

    wanted: tuple[Desired, ...] = (ANN, KEY_OF)
    where: Account = field(default_factory=lambda: there(FIRST, ON_IT))
    shows: tuple[str, ...] = ("rename Ticket/Ann.rotated-t-111111", "update Book/Emma")
    sinks: Sinks = HELD
    longest: int = 0

    def plan(self) -> Plan:
        ticket = replace(KINDS["Ticket"], name_schema={"maxLength": self.longest or 99})
        kinds = {**KINDS, "Ticket": ticket}
        options = RotationOptions(at("Ticket/Ann"))
        where = Inventory(self.where, kinds)
        return rotation.plan(self.wanted, where, self.sinks, options, self.allowed).plan


UPDATE = ("update Book/Emma",)
STORIES = [
    Story(
        "effect-count",
        (EMMA,),
        there(HERS),
        asked=PlanOptions(agreed=(EffectCount(Effect.GRANTS, 1),)),
    ),
    Story("ambiguous", (EMMA,), there(HERS, replace(HERS, id="4"))),
    Story("unreadable", (EMMA,), there(unreadable={"books": "403"}), exit_code=5),
    Story("undecodable", (EMMA,), there(replace(HERS, faults=("'year' holds text",)))),
    Story("held-by-other", (EMMA,), there(replace(HERS, unmanaged_reason="a museum piece"))),
    Story("name-differs", (EMMA,), there(live("Book/emma", "3", shelf="A"))),
    Story(
        "cannot-rename",
        (replace(desired("Ticket/Eve", type="plastic"), previously=("old",)),),
        there(live("Ticket/old", "7", endpoint="papers")),
    ),
    Story(
        "reference-foreign",
        (desired("Book/Emma", shelf="F"),),
        there(HERS, live("Shelf/F", "9", unmanaged_reason="a relic")),
        UPDATE,
    ),
    Story(
        "reference-ambiguous",
        (desired("Book/Emma", shelf="T"),),
        there(HERS, live("Shelf/T", "8"), live("Shelf/T", "9")),
        UPDATE,
    ),
    Story(
        "reference-unreadable",
        (desired("Shelf/A", room="Attic"),),
        there(unreadable={"rooms": "403"}),
        ("update Shelf/A",),
        exit_code=5,
    ),
    Story(
        "reference-undecodable",
        (desired("Book/Emma", shelf="F"),),
        there(HERS, replace(live("Shelf/F", "9"), faults=("'width' holds text",))),
        UPDATE,
    ),
    Story("credential-dead", (ANN,), shows=("create Ticket/Ann",), sinks=DEAD),
    Story("quota", where=there(*(live(f"Shelf/{n}", f"{n}") for n in (2, 3, 4)))),
    Story("protected", (EMMA,), there(HERS), UPDATE, allowed=AccountPolicy(protect=("Book/*",))),
    Story("locked", (replace(EMMA, protect=True),), there(HERS), UPDATE),
    Story("removal-share", where=there(*BOOKS), shows=REMOVED, asked=PRUNE, allowed=EVERY_BOOK),
    Story(
        "removal-floor", where=there(BOOKS[0]), shows=REMOVED[:1], asked=PRUNE, allowed=EVERY_BOOK
    ),
    Story(
        "removal-count",
        where=there(*BOOKS),
        shows=REMOVED,
        asked=replace(PRUNE, confirmed=9),
        allowed=EVERY_BOOK,
    ),
    Story(
        "effect-count",
        where=there(*BOOKS),
        shows=REMOVED,
        asked=replace(PRUNE, agreed=(EffectCount(Effect.OUT_OF_SERVICE, 9),)),
        allowed=EVERY_BOOK,
    ),
    Story("not-allowed", (desired("Book/Emma", shelf="A", tags=["lies"]),), there(HERS), UPDATE),
    # What is wrong with manifests hides nothing else either.
    Story("reference-unknown", (desired("Book/Emma", shelf="Z"),), there(HERS), exit_code=4),
    Story("create-only", (desired("Book/Emma", isbn="1"),), there(HERS), UPDATE, exit_code=4),
    Story("unknown-sink", (desired("Ticket/Bob", type="plastic", drawer="x"),), exit_code=4),
    Story("needed-to-create", (desired("Book/Ida", tags=[]),), exit_code=4),
    Rotation("needs-a-sink", (replace(ANN, spec={"type": "plastic", "drawer": None}), KEY_OF)),
    Rotation("cut-short", sinks=Sinks(announced={at("Ticket/Ann")})),
    Rotation("locked", (replace(ANN, protect=True), KEY_OF)),
    Rotation("protected", allowed=AccountPolicy(protect=("Ticket/*",))),
    Rotation("switched-off", where=there(replace(FIRST, spec={"colour": "void"}), ON_IT)),
    Rotation("name-too-long", longest=12),
    Rotation("not-moved", where=there(FIRST, ON_IT, replace(ON_IT, address=at("Book/X"), id="4"))),
]
NOTHING_TO_SHOW = {
    "unseen-users": "nobody can tell who logs in with the key, so no step can be planned",
    "not-rotatable": "the vendor can neither make nor switch off such a key",
    "not-there": "there is no such key yet",
}
"""Rotations that have no changes, whoever allows them."""
each_story = pytest.mark.parametrize(
    "story", STORIES, ids=[f"{type(one).__name__}-{one.code}" for one in STORIES]
)


def shown(plan: Plan) -> list[str]:
    return [f"{change.action} {change.address}" for change in plan.writes]


@each_story
def test_a_refused_plan_keeps_every_change(story: Story) -> None:
    plan = story.plan()
    assert story.code in [finding.code for finding in plan.refused]
    assert set(story.shows) <= set(shown(plan))
    if not isinstance(story, Rotation):
        assert "create Shelf/New" in shown(plan)


@each_story
def test_it_ends_with_the_code_that_is_documented(story: Story) -> None:
    with pytest.raises((AccountError, Refused, InvalidInput)) as ended:
        gate(story.plan().refused)
    assert ended.value.exit_code == story.exit_code


@each_story
def test_its_digest_is_that_of_no_plan_that_may_be_applied(story: Story) -> None:
    plan = story.plan()
    advice = tuple(one for one in plan.findings if one not in plan.refused)
    allowed = replace(plan, findings=advice)
    assert plan_digest(plan) not in {plan_digest(allowed), plan_digest(Plan(plan.account, ()))}


def _page(plan: Plan) -> str:
    drawn = html.plan(plan, KINDS, version="1")
    return unescape(re.sub("<[^>]*>", "", drawn[drawn.index("<header") :]))


DRAWN: dict[str, Callable[[Plan], str]] = {
    "text": lambda plan: text.plan(plan, KINDS, version="1"),
    "markdown": lambda plan: markdown.plan(plan, KINDS, markdown.Frame("1")),
    "html": _page,
    "json": lambda plan: dumps(as_json.plan(plan, version="1")),
    "github": lambda plan: github.plan(plan, KINDS),
}


@pytest.mark.parametrize("format_", DRAWN)
@each_story
def test_every_format_has_the_words_and_the_changes(story: Story, format_: str) -> None:
    plan = story.plan()
    drawn = DRAWN[format_](plan)
    if format_ == "json":
        document = json.loads(drawn)
        assert [one["message"] for one in document["refused"]] == [
            worded(one).message for one in plan.refused
        ]
        assert len(document["changes"]) == len(plan.changes)
        return
    flat = " ".join(drawn.replace("%25", "%").split())
    for finding in plan.refused:
        assert " ".join(visible(worded(finding).message).split()) in flat
    for change in plan.writes:
        if format_ != "github" or change.source:
            assert f'"{change.address.name}"' in flat
    assert plan_digest(plan) not in drawn
    assert "no changes" not in drawn


@each_story
def test_the_words_stand_last_on_a_terminal_and_first_elsewhere(story: Story) -> None:
    plan = story.plan()
    lines = DRAWN["text"](plan).splitlines()
    assert lines[0].endswith("REFUSED")
    last = lines.index("REFUSED, nothing is applied until this is solved")
    assert all(line.startswith("  ") for line in lines[last + 1 :])
    comment = DRAWN["markdown"](plan)
    assert comment.splitlines()[1].startswith("### lebots · refused (")
    assert "Next, once this is approved" not in comment
    assert DRAWN["github"](plan).splitlines()[0].startswith("::error ")
    assert "title=refused%3A " in DRAWN["github"](plan).splitlines()[0]
    assert "<title>refused (" in html.plan(plan, KINDS, version="1")
    if plan.writes:
        assert comment.index("**Refused:**") < comment.index("**Changes, in order of apply**")
        assert DRAWN["html"](plan).index("Refused") < DRAWN["html"](plan).index("Changes, in order")


def test_what_nothing_can_be_planned_of_is_not_pruned() -> None:
    """A manifest means it, whichever of them that is."""
    for objects in (HERS, replace(HERS, id="4")), (live("Book/emma", "3", shelf="A"),):
        plan = Story("", (EMMA,), there(*objects), asked=PRUNE, allowed=EVERY_BOOK).plan()
        assert plan.refused
        assert not [change for change in plan.changes if change.action in REMOVALS]
        assert not [change for change in plan.changes if change.action == "unmanaged"]


def test_an_approval_does_not_outlive_the_guard_it_was_given_under() -> None:
    """The changes are the same; what was seen refused is another plan than the same one allowed."""
    story = Story("", where=there(*BOOKS), asked=PRUNE, allowed=EVERY_BOOK)
    refused, agreed = story.plan(), replace(story, asked=replace(PRUNE, confirmed=4)).plan()
    assert (refused.changes, agreed.refused) == (agreed.changes, ())
    assert plan_digest(refused) != plan_digest(agreed)
    counted = replace(story, asked=replace(PRUNE, confirmed=3)).plan()
    assert len({plan_digest(one) for one in (refused, agreed, counted)}) == 3


def _codes_that_refuse() -> Iterator[str]:
    """The codes that findings with a refusal's severity are made with, wherever that is."""
    for file in Path(lebots.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            severities = [*node.args, *(one.value for one in node.keywords)]
            if any(isinstance(a, ast.Attribute) and a.attr == "REFUSAL" for a in severities):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value


def test_each_code_that_refuses_has_a_story() -> None:
    told = {story.code for story in STORIES} | NOTHING_TO_SHOW.keys()
    told |= {"no-scope"}  # of the command line, in tests/cli/test_prune.py
    told |= {"not-allowed"}  # of the kinds' own fields, in tests/kinds/test_effects.py
    found = set(_codes_that_refuse())
    assert found <= told, "a new refusal needs a story here"
    assert {"protected", "quota", "not-moved"} <= found
