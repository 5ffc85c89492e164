"""The lists of the page and what counts and searches them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from lebots.core.model.change import Action
from lebots.render.page.changes import LEFT_ALONE, entry
from lebots.render.page.elements import element, joined, lines, void
from lebots.render.plan_view import VERBS, PlanView, label

_UNFOLDED = 10
"""The most changes that are drawn with their details open."""
_MANY = 200
"""The most entries of a list that a browser draws all at once."""
_COUNTED = {**VERBS, Action.UNCHANGED: "unchanged", Action.UNMANAGED: LEFT_ALONE}


def counts(view: PlanView) -> Markup:
    """How many objects of each kind get which verb."""
    found = Counter((c.action, label(c.address, view.kinds)) for c in view.plan.changes)
    kinds = list(dict.fromkeys(label(c.address, view.kinds) for c in view.plan.changes))
    rows = []
    for action, word in _COUNTED.items():
        numbers = [found[action, kind] for kind in kinds]
        if any(numbers):
            rows.append(_row(word, [*numbers, sum(numbers)]))
    heads = (element("th", kind, scope="col") for kind in [*kinds, "all"])
    first = element("th", element("span", "verb", class_="unseen"), scope="col")
    table = element(
        "table",
        element("caption", "Objects by verb and kind", class_="unseen"),
        element("thead", element("tr", first, *heads)),
        element("tbody", lines(rows)),
    )
    return element("div", table, class_="counts") if rows else Markup()


def search(view: PlanView) -> Markup:
    """What the script filters with; without a script there is nothing to see of it."""
    verbs = {verb: view.plan.count(action) for action, verb in VERBS.items()}
    verbs[LEFT_ALONE] = len(view.left_alone)
    shown = (*view.plan.writes, *view.left_alone)
    kinds = Counter(label(change.address, view.kinds) for change in shown)
    words = "Search names, fields and values"
    field = element(
        "label",
        element("span", words, class_="unseen"),
        void("input", type="search", id="search", placeholder=words, autocomplete="off"),
    )
    buttons = [
        element("button", words, type="button", id=words.split()[0].lower())
        for words in ("Unfold all", "Fold all", "Clear filters")
    ]
    parts = [
        field,
        _boxes("verb", verbs),
        _boxes("kind", kinds),
        element("p", element("output", id="shown", role="status"), " ", joined(buttons, " ")),
    ]
    return element(
        "div", lines(parts), id="filter", role="search", aria_label="Filter", hidden=True
    )


def changes(view: PlanView) -> Markup:
    """The numbered changes, below a heading for each origin where a base was compared with."""
    unfolded = len(view.numbered) <= _UNFOLDED
    groups = {
        where: [entry(view, number, change, unfolded=unfolded) for number, change in numbered]
        for where, numbered in view.by_origin.items()
    }
    if set(groups) == {""}:
        return listed("ol", groups[""])
    return lines(_group(where, entries) for where, entries in groups.items())


def listed(name: str, entries: Sequence[Markup]) -> Markup:
    """A list; of a long one, a browser draws what is on the screen and no more."""
    look = "many" if len(entries) > _MANY else False
    return element(name, lines(entries), class_=look, role="list")


def _row(word: str, numbers: Iterable[int]) -> Markup:
    cells = (element("td", str(number) if number else "\u00b7") for number in numbers)
    look = word.replace(" ", "-")
    return element("tr", element("th", word, scope="row", class_=look), *cells)


def _boxes(name: str, counted: Mapping[str, int]) -> Markup:
    boxes = (
        element(
            "label",
            void("input", type="checkbox", name=name, value=word),
            element("span", word, " ", element("b", str(number))),
        )
        for word, number in counted.items()
        if number
    )
    return element("fieldset", element("legend", name), lines(boxes))


def _group(title: str, entries: list[Markup]) -> Markup:
    words = f"{title[0].upper()}{title[1:]}"
    heading = element("h3", words, " ", element("b", str(len(entries))))
    return element("div", heading, listed("ol", entries), class_="group")
