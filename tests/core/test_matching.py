"""Which live object a manifest means: by name, never by guess."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from lebots.core.compare.match import Match, check_references, match
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.next_steps import worded
from tests.toys import KINDS, account, desired, live


def matched(
    wanted: Desired, *objects: Live, unreadable: Mapping[str, str] | None = None
) -> tuple[Match, list[Finding]]:
    """The match of one manifest and what was found on the way."""
    matches, findings = match([wanted], Inventory(account(*objects, unreadable=unreadable), KINDS))
    assert len(matches) == 1
    return matches[0], findings


def references(wanted: Sequence[Desired], where: Account) -> list[Finding]:
    return check_references(wanted, Inventory(where, KINDS))


# Objects


def test_the_object_of_exactly_this_name() -> None:
    emma = live("Book/Emma", "1")
    pair, findings = matched(desired("Book/Emma"), emma, live("Book/Persuasion", "2"))
    assert pair.live is emma
    assert findings == []


def test_names_count_per_kind() -> None:
    pair, findings = matched(desired("Book/Emma"), live("Shelf/Emma", "1"))
    assert (pair.live, findings) == (None, [])


@pytest.mark.parametrize(
    ("name", "shown", "advice"),
    [
        ("EMMA", "EMMA", "write the name as the account does"),
        (" Emma", " Emma", "no manifest can hold that name: rename it in the account"),
        ("Emma\u00a0", "Emma\\u00a0", "no manifest can hold that name: rename it in the account"),
    ],
)
def test_a_name_that_only_counts_as_the_same_is_refused(name: str, shown: str, advice: str) -> None:
    pair, (finding,) = matched(desired("Book/Emma"), live(f"Book/{name}", "1"))
    assert pair.live is None
    assert finding.code == "name-differs"
    assert finding.severity is Severity.REFUSAL
    assert f'"{shown}" (id 1)' in finding.message
    assert advice in finding.message


@pytest.mark.parametrize("twin", ["Emma", "EMMA", "Emma "])
def test_two_live_objects_are_never_told_apart(twin: str) -> None:
    pair, (finding,) = matched(
        desired("Book/Emma"), live("Book/Emma", "1"), live(f"Book/{twin}", "2")
    )
    assert pair.live is None
    assert finding.code == "ambiguous"
    assert finding.severity is Severity.REFUSAL
    assert f'1 ("Emma"), 2 ("{twin}")' in finding.message
    assert finding.source == desired("Book/Emma").source


def test_a_deleted_object_holds_the_name() -> None:
    pair, (finding,) = matched(desired("Book/Emma"), live("Book/emma", "1", deleted=True))
    assert pair.live is None
    assert finding.code == "name-of-deleted"
    assert finding.severity is Severity.WARNING
    assert "(id 1)" in finding.message


def test_a_deleted_object_beside_a_live_one_does_not_matter() -> None:
    emma = live("Book/Emma", "2")
    pair, findings = matched(desired("Book/Emma"), live("Book/Emma", "1", deleted=True), emma)
    assert pair.live is emma
    assert findings == []


@pytest.mark.parametrize("name", ["Emma", "emma"])
def test_what_somebody_else_holds_is_never_touched(name: str) -> None:
    pair, (finding,) = matched(
        desired("Book/Emma"), live(f"Book/{name}", "1", unmanaged_reason="a museum piece")
    )
    assert pair.live is None
    assert finding.code == "held-by-other"
    assert finding.severity is Severity.REFUSAL
    assert "a museum piece (id 1)" in finding.message


# Endpoints


def test_the_variant_chooses_the_endpoint() -> None:
    paper = live("Ticket/Ann", "p-1", endpoint="papers")
    pair, findings = matched(desired("Ticket/Ann", type="paper"), paper)
    assert pair.live is paper
    assert pair.endpoint.name == "papers"
    assert findings == []


@pytest.mark.parametrize(
    ("others", "hint"), [([], ""), (["Anne", "Bob"], '; did you mean "Anne"?'), (["Bob"], "")]
)
def test_what_cannot_be_created_must_exist(others: list[str], hint: str) -> None:
    papers = [live(f"Ticket/{name}", f"p-{name}", endpoint="papers") for name in others]
    pair, (finding,) = matched(
        desired("Ticket/Ann", type="paper"), live("Ticket/Anna", "t-1"), *papers
    )
    assert pair.live is None
    assert finding.code == "not-selectable"
    assert finding.severity is Severity.ERROR
    assert finding.message == (
        'the account has no ticket "Ann" of type "paper", and such a ticket can be selected, never '
        f"created{hint}"
    )


def test_a_deleted_one_does_not_add_to_that() -> None:
    gone = live("Ticket/Ann", "p-1", endpoint="papers", deleted=True)
    _, findings = matched(desired("Ticket/Ann", type="paper"), gone)
    assert [finding.code for finding in findings] == ["not-selectable"]


@pytest.mark.parametrize("type_", ["plastic", "paper"])
def test_a_name_in_two_endpoints_is_refused_since_references_could_mean_either(
    type_: str,
) -> None:
    pair, (finding,) = matched(
        desired("Ticket/Ann", type=type_),
        live("Ticket/Ann", "t-1", endpoint="tickets"),
        live("Ticket/Ann", "p-1", endpoint="papers"),
    )
    assert pair.live is None
    assert finding.code == "ambiguous"
    assert finding.severity is Severity.REFUSAL
    assert "t-1" in finding.message
    assert "p-1" in finding.message


def test_even_where_the_other_one_would_be_new() -> None:
    pair, (finding,) = matched(
        desired("Ticket/Ann", type="plastic"), live("Ticket/Ann", "p-1", endpoint="papers")
    )
    assert pair.live is None
    assert finding.code == "ambiguous"
    assert "p-1" in finding.message
    assert "choose another name" in finding.message


@pytest.mark.parametrize("type_", ["plastic", "paper"])
def test_unreadable_is_not_absent(type_: str) -> None:
    where = {"tickets": "GET: 403", "papers": "GET: 403"}
    pair, (finding,) = matched(desired("Ticket/Ann", type=type_), unreadable=where)
    assert pair.live is None
    assert finding.code == "unreadable"
    assert finding.severity is Severity.REFUSAL
    words = "; `lebots doctor` tells what this login may read"
    assert worded(finding).message == f'ticket "Ann" cannot be looked up: GET: 403{words}'


# References


@pytest.mark.parametrize(
    ("spec", "wanted", "objects"),
    [
        pytest.param({"shelf": "A"}, ["Shelf/A"], [], id="declared"),
        pytest.param({"shelf": "A"}, [], [live("Shelf/A", "1")], id="live"),
        pytest.param(
            {"shelf": "A"},
            [],
            [live("Shelf/A", "1"), live("Shelf/A", "2", deleted=True)],
            id="once",
        ),
        pytest.param({"original": "Emma"}, [], [], id="itself"),
        pytest.param({"sequels": []}, [], [], id="none"),
        pytest.param({"original": None}, [], [], id="null"),
    ],
)
def test_a_reference_that_leads_somewhere(
    spec: dict[str, Any], wanted: list[str], objects: list[Live]
) -> None:
    manifests = [desired("Book/Emma", **spec), *(desired(address) for address in wanted)]
    assert references(manifests, account(*objects)) == []


@pytest.mark.parametrize(
    ("others", "hint"),
    [
        pytest.param([], "", id="nothing like it"),
        pytest.param([live("Shelf/Alpha", "1")], '; did you mean "Alpha"?', id="live"),
        pytest.param([desired("Shelf/Alpha")], '; did you mean "Alpha"?', id="declared"),
        pytest.param([live("Book/Alpha", "1")], "", id="of another kind"),
        pytest.param([live("Shelf/Alpha", "1", deleted=True)], "", id="deleted"),
    ],
)
def test_a_reference_to_nothing_known(others: list[Any], hint: str) -> None:
    manifests = [desired("Book/Emma", shelf="Alfa")]
    manifests += [other for other in others if isinstance(other, Desired)]
    where = account(*(other for other in others if isinstance(other, Live)))
    (finding,) = references(manifests, where)
    assert finding.code == "reference-unknown"
    assert finding.severity is Severity.ERROR
    assert finding.source == desired("Book/Emma", shelf="Alfa").at("shelf")
    assert finding.message == (
        'reference to unknown shelf "Alfa": no manifest declares it and the account has none' + hint
    )


@pytest.mark.parametrize(
    ("objects", "unreadable", "code", "words"),
    [
        pytest.param(
            [live("Ticket/Ann", "t-1"), live("Ticket/Ann", "t-2")],
            {},
            "reference-ambiguous",
            "2 live objects are named ticket",
            id="two of them",
        ),
        pytest.param(
            [live("Ticket/Ann", "t-1"), live("Ticket/Ann", "p-1", endpoint="papers")],
            {},
            "reference-ambiguous",
            "t-1, p-1",
            id="one in each endpoint",
        ),
        pytest.param(
            [live("Ticket/Ann", "t-1", unmanaged_reason="somebody's")],
            {},
            "reference-foreign",
            "somebody's and cannot be used",
            id="foreign",
        ),
        pytest.param([], {"papers": "GET: 403"}, "reference-unreadable", "GET: 403", id="unread"),
    ],
)
def test_a_reference_that_cannot_be_followed_is_refused(
    objects: list[Live], unreadable: Mapping[str, str], code: str, words: str
) -> None:
    where = account(*objects, unreadable=unreadable)
    (finding,) = references([desired("Book/Emma", ticket="Ann")], where)
    assert (finding.code, finding.severity) == (code, Severity.REFUSAL)
    assert words in finding.message


def test_a_readable_twin_answers_for_an_unreadable_endpoint() -> None:
    where = account(live("Ticket/Ann", "t-1"), unreadable={"papers": "GET: 403"})
    assert references([desired("Book/Emma", ticket="Ann")], where) == []


def test_all_references_are_checked() -> None:
    spec: dict[str, Any] = {"shelf": "Z", "sequels": ["Y", "X"], "chapters": [{"cites": "W"}]}
    found = references([desired("Book/Emma", **spec)], account())
    assert [finding.message.split('"')[1] for finding in found] == ["Z", "Y", "X", "W"]
