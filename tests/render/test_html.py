"""The page of a plan, as text and as a tree; ``test_html_browser.py`` opens it in a browser."""

import re
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.compare.digest import plan_digest
from lebots.core.model.address import Address, Source
from lebots.core.model.change import (
    WRITES,
    Action,
    Change,
    ChangeEffect,
    Dependant,
    Effect,
    FieldChange,
)
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Calls, Plan
from lebots.core.model.value import Value
from lebots.render.escape import quoted, visible
from lebots.render.page import page as html
from lebots.render.plan_view import PlanView
from tests.night import by_day
from tests.render import examples, hostile
from tests.render.conftest import Golden
from tests.render.examples import KINDS, PLACES
from tests.render.hostile import FRAGMENTS, law_of_plans
from tests.render.html_corpus import HOSTILE
from tests.render.reading import Element, outline, read

PLANS = {
    "example": examples.EXAMPLE,
    "nothing-to-do": examples.NOTHING_TO_DO,
    "stopped": examples.STOPPED,
    "corners": examples.CORNERS,
    "three-way": examples.THREE_WAY,
    "renames": examples.RENAMES,
}
UNTRUSTED_ATTRIBUTES = {"data-kind", "value"}
IN_DETAILS = {"ins", "del", "span", "div", "a", "i", "code"}
"""What the drawing of a value may consist of."""


def drawn(plan: Plan, **options: Any) -> str:
    return html.plan(plan, KINDS, **{"version": "0.4.0", "places": PLACES, **options})


def tree(plan: Plan, **options: Any) -> Element:
    return read(drawn(plan, **options))


# What there is to read


@pytest.mark.parametrize("name", PLANS)
def test_a_page_reads_as_shown(name: str, golden: Golden) -> None:
    shown = outline(drawn(PLANS[name], commit="3f9c2ab")).removesuffix("\n")
    assert shown == golden(f"{name}.page.txt", shown)


@pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))
def test_the_page_says_what_is_in_the_plan(plan: Plan) -> None:
    text = outline(drawn(plan))
    for change in plan.changes:
        if change.action in WRITES or change.note:
            assert quoted(change.address.name) in text
            assert visible(change.note) in text
        for part in change.fields:
            assert visible(part.path) in text
            assert part.source is None or f"{part.source.file}:{part.source.line}" in text
    for finding in plan.findings:
        assert f"{finding.severity} {finding.code}" in text
        assert visible(finding.message) in text


@pytest.mark.parametrize("name", ["example", "corners", "three-way"])
def test_what_can_hurt_is_never_folded(name: str) -> None:
    page = tree(PLANS[name])
    (section,) = (one for one in page.find("section") if one.attributes["id"] == "look-first")
    assert section.classed("first")
    assert not section.find("details")


def test_of_many_who_hang_on_an_object_five_are_named_and_the_details_name_all() -> None:
    users = tuple(Dependant(Address("BotUser", f"bot-{n}"), declared=n != 13) for n in range(14))
    page = tree(examples.planned(Plan("1", (Change(examples.KEY, Action.DISABLE, used_by=users),))))
    (warning,) = page.classed("severe")
    assert 'used by: bot "bot-0", bot "bot-1", ' in warning.text
    assert " and 9 more" in warning.text
    assert page.find("summary")[0].text.endswith(', bot "bot-3", 9 more')
    assert page.find("dl")[0].text.endswith(', bot "bot-11", bot "bot-12"')


def test_the_digest_and_the_command_can_be_copied_whole() -> None:
    page, digest = tree(examples.EXAMPLE), plan_digest(examples.EXAMPLE)
    assert page.named("digest").text == digest
    assert page.named("command").text == f"lebots apply --expect {digest}"
    for name in ("digest", "command"):
        (button,) = (one for one in page.find("button") if one.attributes.get("data-copy") == name)
        assert "hidden" in button.attributes


def test_a_plan_without_a_command_to_type_names_none() -> None:
    page = drawn(examples.EXAMPLE, proposal="")
    assert 'id="command"' not in page
    assert "At most 12 reads" in page


def test_a_plan_that_was_stopped_has_no_digest_and_no_command() -> None:
    stopped = replace(examples.EXAMPLE, findings=examples.STOPPED.findings)
    page = tree(stopped)
    ids = [one.attributes["id"] for one in page.find("section")]
    assert ids == ["refused", "look-first", "changes", "unmanaged"]
    assert plan_digest(stopped) not in page.text


def test_numbers_lead_to_changes() -> None:
    for plan in PLANS.values():
        page = tree(plan)
        ids = [one.attributes["id"] for one in page.all() if "id" in one.attributes]
        assert len(ids) == len(set(ids))
        links = {one.attributes["href"] for one in page.find("a")}
        assert {link[1:] for link in links if link} <= set(ids)
        entries = [one for one in page.classed("entry") if "id" in one.attributes]
        assert {one.attributes["id"] for one in entries} == {
            f"change-{number}" for number in range(1, len(plan.writes) + 1)
        }


def test_labels_point_at_what_is_there() -> None:
    for plan in PLANS.values():
        page = tree(plan)
        ids = {one.attributes.get("id") for one in page.all()}
        for one in page.find("section"):
            assert one.attributes["aria-labelledby"] in ids
        for label in page.find("label"):
            assert len(label.find("input")) == 1
            assert label.text.strip()


@pytest.mark.parametrize(("writes", "unfolded"), [(10, True), (11, False)])
def test_the_details_of_a_short_plan_are_open(writes: int, unfolded: bool) -> None:
    changes = tuple(Change(Address("Skill", f"s{n}"), Action.CREATE) for n in range(writes))
    page = tree(Plan("1", changes))
    details = page.find("details")
    assert len([one for entry in page.classed("entry") for one in entry.find("details")]) == writes
    assert all(("open" in one.attributes) is unfolded for one in details)


def test_the_filter_counts_what_it_finds() -> None:
    page = tree(examples.EXAMPLE)
    boxes = [
        one for one in page.find("label") if one.find("input")[0].attributes["type"] != "search"
    ]
    counts = {}
    for one in boxes:
        (box,) = one.find("input")
        counts[box.attributes["name"], box.attributes["value"]] = int(one.find("b")[0].text)
    entries = page.classed("entry")
    for (name, value), count in counts.items():
        assert count == sum(entry.attributes[f"data-{name}"] == value for entry in entries) > 0
    for name in ("verb", "kind"):
        assert sum(n for (of, _), n in counts.items() if of == name) == len(entries) == 7


LONG = "a" * 61


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a", "b", '"a" → "b"'),
        (1, 2, "1 → 2"),
        ("1", 1, '"1" → 1'),
        (None, "", 'null → ""'),
        (None, [], "null → []"),
        (["a"], [], '- "a" none left'),
        ([], ["a", "b"], '+ "a" + "b"'),
        (["a", "a"], ["a"], '- "a" 1 unchanged'),
        (["a", "b"], ["b", "a"], '["a", "b"] → ["b", "a"]'),
        ([1, 3], [2, 3], "- 1 + 2 1 unchanged"),
        (["x", LONG], [LONG, "x"], f'2 items in another order ~ "{LONG}" ~ "x"'),
        (LONG, "b", f'61 characters, 1 line → "b" - "{LONG}" + "b"'),
        ("a\nb", "a\nc", '3 characters, 2 lines → 3 characters, 2 lines - "b" + "c"'),
        ({"a": 1}, {"a": 2}, '{"a": 1} → {"a": 2}'),
        (
            {"a": LONG, "b": 1},
            {"a": LONG, "b": 2},
            '2 fields → 2 fields - "b": 1 + "b": 2',
        ),
        (None, [LONG, "x"], f'null → 2 items + "{LONG}" + "x"'),
    ],
)
def test_a_changed_value(before: Value, after: Value, shown: str) -> None:
    fields = (FieldChange("field", before, after),)
    assert values(Change(Address("Skill", "s"), Action.UPDATE, fields=fields)) == [shown]


@pytest.mark.parametrize(
    ("after", "shown"),
    [
        (None, "null"),
        ("a", '"a"'),
        (["a"], '["a"]'),
        (LONG, f'61 characters, 1 line + "{LONG}"'),
        ("a\nb", '3 characters, 2 lines + "a\\n" + "b"'),
        ([LONG, 1], f'2 items + "{LONG}" + 1'),
        ({"a": LONG}, f'1 field + "a": "{LONG}"'),
    ],
)
def test_a_new_value(after: Value, shown: str) -> None:
    fields = (FieldChange("field", None, after),)
    assert values(Change(Address("Skill", "s"), Action.CREATE, fields=fields)) == [shown]


def values(change: Change) -> list[str]:
    """What stands beside each changed field."""
    cells = (row.find("dd")[0] for row in tree(Plan("1", (change,))).classed("field"))
    return [" ".join(cell.text.split()) for cell in cells]


# What must not be in it


def test_personal_values_are_never_shown() -> None:
    for plan in PLANS.values():
        assert "n4ry" not in drawn(plan)


@law_of_plans
@given(hostile.plans)
def test_no_personal_value_is_shown(plan: Plan) -> None:
    personal = tuple(
        replace(
            change,
            fields=tuple(
                replace(part, before="c4n4ry-1", after=["c4n4ry-2"], personal=True)
                for part in change.fields
            ),
        )
        for change in plan.changes
    )
    assert "c4n4ry" not in drawn(replace(plan, changes=personal))


def test_the_page_loads_nothing() -> None:
    page = tree(examples.EXAMPLE)
    for one in page.all():
        assert not {"src", "srcset", "style", "action", "ping"} & one.attributes.keys()
        assert not any(name.startswith("on") for name in one.attributes)
        leads = one.attributes.get("href", "#")
        assert leads == "data:," or (leads and leads.startswith("#"))
    for name in ("page.css", "page.js"):
        asset = files("lebots.render.page").joinpath(name).read_text("utf-8")
        assert not re.search(r"//\w|url\(|@import|@font-face|fetch|XMLHttp|import\(", asset)


def test_the_script_makes_no_html_and_runs_no_text() -> None:
    script = files("lebots.render.page").joinpath("page.js").read_text("utf-8")
    assert not re.search(r"HTML|document\.write|eval|Function\(|setAttribute|</", script)


def test_the_policy_allows_the_one_style_and_the_one_script() -> None:
    page = tree(examples.EXAMPLE)
    ((style,), (script,)) = page.find("style"), page.find("script")
    policy = page.find("meta")[1].attributes["content"]
    assert policy == (
        f"default-src 'none'; style-src '{fingerprint(style.text)}'; "
        f"script-src '{fingerprint(script.text)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    first = [one.tag for one in page.find("head")[0].all()][1:4]
    assert first == ["meta", "meta", "meta"], "the policy stands before what it is for"
    assert not style.attributes
    assert not script.attributes


def fingerprint(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def test_the_same_plan_gives_the_same_page() -> None:
    again = replace(examples.EXAMPLE, changes=tuple(map(replace, examples.EXAMPLE.changes)))
    assert drawn(again) == drawn(examples.EXAMPLE)


# What a hostile text can do


def with_text(text: str, number: int = 0) -> Plan:
    """A plan that has the text wherever a manifest or an account can put one."""
    source = Source(f"{text}.yaml", 1 + number, 3)
    fields = (
        FieldChange("description", text, f"{text}!", source),
        FieldChange("list", [text, 1], [1, f"{text}."], source, loss=f"{text} why"),
        FieldChange(f"{text} path", {text: text}, {text: [text]}, source),
        FieldChange("email", text, f"{text}!", source, personal=True),
    )
    new = tuple(replace(part, before=None) for part in fields)
    skill, key, bot = (Address(kind, f"{number} {text}") for kind in ("Skill", "Key", "BotUser"))
    other = Address(f"{text} kind", f"{text} name")
    users = (Dependant(bot, declared=False), Dependant(other, True, f"{text} note"))
    hurts = tuple(
        ChangeEffect(effect, f"{text} why", path, (skill,))
        for effect, path in ((Effect.GRANTS, "description"), (Effect.OUT_OF_SERVICE, ""))
    )
    return Plan(
        f"{text} account",
        (
            Change(
                skill,
                Action.UPDATE,
                "skills",
                f"{text} id",
                source,
                fields,
                note=f"{text}n",
                effects=hurts,
            ),
            Change(
                skill,
                Action.RENAME,
                sink=f"{text} sink",
                was=f"{text} was",
                secret_from=f"{text} from",
            ),
            Change(key, Action.CREATE, "keys", None, source, new, sink=f"{text} sink"),
            Change(bot, Action.DISABLE, "users", "5", depends_on=(skill, key)),
            Change(other, Action.DELETE, "users", f"{text} id", used_by=users),
            Change(skill, Action.UNMANAGED, id=f"{text} id", note=f"{text} note"),
        ),
        tuple(
            Finding(f"{text} code", f"{text} message", severity, source, other)
            for severity in (Severity.WARNING, Severity.NOTE)
        ),
        calls=Calls(1, 1),
    )


def whole(text: str, plan: Plan | None = None) -> str:
    return drawn(
        plan or with_text(text),
        version=text,
        commit=f"{text} commit",
        places={Address("Key", f"0 {text}"): f"{text} place"},
        proposal=f"lebots apply {text} {{digest}}",
    )


def skeleton(one: Element) -> Any:
    """The element with its attributes and what is in it, texts aside.

    How a value is drawn depends on its length; of that, what it consists of.
    """
    known = {n: v for n, v in one.attributes.items() if n not in UNTRUSTED_ATTRIBUTES}
    inner = [child for child in one.children if isinstance(child, Element)]
    if known.get("class") == "why":
        assert {part.tag for part in one.all()[1:]} <= {"li", *IN_DETAILS}
        return one.tag, known
    if one.tag == "dd":
        assert {part.tag for part in one.all()[1:]} <= IN_DETAILS
        return one.tag, known
    text = one.text if one.tag in ("style", "script") else ""
    return one.tag, known, one.attributes.keys(), text, [skeleton(child) for child in inner]


HARMLESS = skeleton(read(whole("harmless")))
TITLE = read(whole("harmless")).find("h1")[0].text


@pytest.mark.parametrize("text", by_day([*HOSTILE, *FRAGMENTS], [*HOSTILE, *FRAGMENTS][::3]))
def test_a_hostile_text_changes_no_element(text: str) -> None:
    page = whole(text)
    hostile.assert_harmless(page)
    page.encode("utf-8")
    assert skeleton(read(page)) == HARMLESS


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_as_it_is(text: str) -> None:
    page = read(whole(text))
    titles = [one.find("code")[-1].text for one in page.classed("title") if one.find("code")]
    assert quoted(f"0 {text}") in titles
    assert quoted(f"{text} name") in titles
    assert page.find("h1")[0].text == TITLE


@law_of_plans
@given(hostile.texts)
def test_no_text_changes_an_element(text: str) -> None:
    page = whole(text)
    hostile.assert_harmless(page)
    assert skeleton(read(page)) == HARMLESS


@law_of_plans
@given(hostile.plans, st.text(max_size=40))
def test_any_plan_gives_a_page(plan: Plan, text: str) -> None:
    places = {change.address: change.note for change in plan.changes}
    page = html.plan(plan, KINDS, version=text, commit=text, places=places, proposal=text)
    hostile.assert_harmless(page)
    listed = [change for group in PlanView(plan, KINDS).by_origin.values() for _, change in group]
    assert shown(read(page)) == [quoted(change.address.name) for change in listed]
    assert len(listed) == len(plan.writes)


def shown(page: Element) -> Sequence[str]:
    heads = (one.find("summary") for one in page.find("details"))
    titles = [title for (head,) in heads for title in head.classed("title")]
    return [one.find("code")[-1].text for one in titles]


# How much it can take


def test_ten_thousand_changes_are_listedin_five_seconds() -> None:
    begun = time.process_time()
    page = drawn(many(10_000))
    assert time.process_time() - begun < 5
    assert page.count('<li class="entry"') == 10_000
    assert page.count('<ol class="many"') == 4  # three kinds of equal changes, and the rest


def many(changes: int) -> Plan:
    kinds = (examples.CREATE_SKILL, examples.UPDATE_SKILL, examples.CREATE_BOT, examples.DELETE_BOT)
    chosen = (kinds[number % len(kinds)] for number in range(changes))
    return Plan(
        "10000001",
        tuple(
            replace(
                one, address=Address(one.address.kind, f"{one.address.name}-{n}"), depends_on=()
            )
            for n, one in enumerate(chosen)
        ),
        live=20_000,
        calls=Calls(2 * changes, changes),
    )
