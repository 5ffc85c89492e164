"""One change on the page: among those to look at first, and in the list with its details."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from lebots.core.model.change import Action, Change, Dependant, Effect
from lebots.render.escape import quoted
from lebots.render.look_first import Alert
from lebots.render.page.elements import element, joined, lines
from lebots.render.page.fields import ARROW, field, link, links, place, row
from lebots.render.plan_view import VERBS, PlanView, counted, label, ranges, symbol

LEFT_ALONE = "unmanaged"
"""The verb of what is seen and not touched."""

_FIELD_NAMES = 6
"""Changed fields named in the line of a change; more are counted."""
_SEVERE = {Effect.IRREVERSIBLE, Effect.GRANTS, Effect.OUT_OF_SERVICE}
_USERS_NAMED = 5
"""Objects named that use a changed one, where its details are folded."""


def warning(view: PlanView, alert: Alert) -> Markup:
    """What can hurt about a change, none of it folded."""
    head = [element("span", _links(alert.numbers), class_="number")] if alert.numbers else []
    head.append(element("span", alert.subject, class_="subject"))
    if alert.path:
        head += [element("code", alert.path), element("span", alert.values, class_="about")]
    head.append(element("strong", alert.words, class_="badge"))
    if alert.source:
        head.append(place(alert.source))
    below = [element("li", line) for line in alert.below]
    return element(
        "li",
        element("p", joined(head, " ")),
        *([element("ul", lines(below), class_="why")] if below else []),
        class_="first severe" if set(alert.effects) & _SEVERE else "first",
    )


def _links(numbers: Sequence[int]) -> Markup:
    """Each number leads to its change; many are a range that leads to the first."""
    if len(numbers) <= _USERS_NAMED:
        return links(numbers)
    return joined([link(numbers[0]), f" of {ranges(numbers)}"])


def entry(view: PlanView, number: int, change: Change, *, unfolded: bool) -> Markup:
    """A change in one line, which unfolds to its details."""
    line = [_head(view, number, change)]
    if about := _about(view, number, change):
        line.append(element("span", about, class_="about"))
    if change.source:
        line.append(place(change.source))
    return element(
        "li",
        element(
            "details",
            element("summary", joined(line, " "), class_="line"),
            element("dl", lines(_details(view, number, change))),
            open=unfolded,
        ),
        class_="entry",
        id=f"change-{number}",
        data_verb=VERBS[change.action],
        data_kind=label(change.address, view.kinds),
    )


def left_alone(view: PlanView, change: Change) -> Markup:
    """What is seen and not touched, in one line."""
    words = [_title(view, change)]
    if change.id:
        words.append(element("span", f"id {change.id}", class_="about"))
    if change.note:
        words.append(element("span", change.note, class_="about"))
    return element(
        "li",
        joined(words, " "),
        class_="entry line",
        data_verb=LEFT_ALONE,
        data_kind=label(change.address, view.kinds),
    )


def _head(view: PlanView, number: int, change: Change, *, linked: bool = False) -> Markup:
    shown = link(number) if linked else str(number)
    verb = VERBS[change.action]
    sign = element("b", symbol(change), aria_hidden="true")
    return joined(
        [
            element("span", shown, class_="number"),
            element("span", sign, " ", verb, class_=f"verb {verb}"),
            _title(view, change),
        ],
        " ",
    )


def _title(view: PlanView, change: Change) -> Markup:
    name = element("code", quoted(change.address.name))
    if change.was:
        name = joined([element("code", quoted(change.was)), ARROW, name])
    return element("span", label(change.address, view.kinds), " ", name, class_="title")


def _about(view: PlanView, number: int, change: Change) -> Markup:
    names = [element("code", part.path) for part in change.fields]
    if len(names) > _FIELD_NAMES:
        about = [f"{len(names)} fields"]
    else:
        about = [joined(names, ", ")] if names else []
    if needs := view.needs(number, change):
        about.append(f"needs {', '.join(map(str, needs))}")
    if change.used_by:
        about.append(joined(["used by ", _users(view, change, _USERS_NAMED)]))
    return joined(about, "; ")


def _details(view: PlanView, number: int, change: Change) -> Iterator[Markup]:
    if change.note:
        yield row("note", change.note)
    if change.action is Action.CREATE:
        yield row("id", "known after apply")
    elif change.id:
        yield row("id", element("code", change.id))
    for part in change.fields:
        yield field(view, change, part)
    if change.action is Action.DELETE:
        yield row("whole object", element("del", "removed"), change.source)
    if change.sink:
        yield row("secret", _delivery(change), look="fact unasked")
    if needs := view.needs(number, change):
        yield row("needs", links(needs))
    if change.used_by:
        yield row("used by", _users(view, change))


def _delivery(change: Change) -> Markup:
    how = "generated" if change.action is Action.CREATE else "delivered"
    words = [f"will be {how}"]
    if change.secret_from:
        words = ["will be copied from ", element("code", quoted(change.secret_from))]
    return joined([*words, ARROW, "sink ", element("code", quoted(change.sink))])


def _users(view: PlanView, change: Change, most: int | None = None) -> Markup:
    """Those whom no manifest declares come first: nobody meets them in this review.

    People are counted, not named.
    """
    objects = [one for one in change.used_by if not one.note]
    users = sorted(objects, key=lambda one: one.declared)
    named: list[str] = [_user(view, user) for user in users[:most]]
    if rest := len(users) - len(named):
        named.append(f"{rest} more")
    if people := len(change.used_by) - len(objects):
        named.append(counted(people, "person", "people"))
    return joined(named, ", ")


def _user(view: PlanView, user: Dependant) -> Markup:
    told = "" if user.declared else " (unmanaged)"
    name = element("code", quoted(user.address.name))
    return joined([f"{label(user.address, view.kinds)} ", name, told])
