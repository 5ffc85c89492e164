"""A plan as one page that loads nothing: it can be read, searched, shared and printed.

All of it is in the HTML; the script only hides and unfolds. The page's policy lets its one style
and its one script run and nothing else (threats T12, T16 and T23).
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.resources import files

from markupsafe import Markup

from lebots.core.compare.digest import plan_digest
from lebots.core.model.address import Address
from lebots.core.model.finding import Finding
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Plan
from lebots.next_steps import worded
from lebots.render.effect_words import headline, hurting
from lebots.render.finding import advice, by_weight, refused
from lebots.render.look_first import alerts
from lebots.render.page.changes import left_alone, warning
from lebots.render.page.elements import element, joined, lines, void
from lebots.render.page.fields import place
from lebots.render.page.lists import changes, counts, listed, search
from lebots.render.plan_view import PlanView, counted
from lebots.render.rows import undeclared

_NOWHERE: Mapping[Address, str] = {}


@dataclass(frozen=True)
class _Section:
    name: str
    title: str
    content: Markup
    count: int | None = None
    above: Markup = field(default_factory=Markup)

    @property
    def short(self) -> str:
        """What the navigation calls it."""
        return self.name.replace("-", " ").capitalize()

    def drawn(self) -> Markup:
        title = f"{self.name}-title"
        heading = element("h2", self.title, id=title)
        drawn = element("section", heading, self.content, id=self.name, aria_labelledby=title)
        return joined([self.above, drawn])


def plan(
    planned: Plan,
    kinds: Mapping[str, Kind],
    *,
    version: str,
    places: Mapping[Address, str] = _NOWHERE,
    commit: str = "",
    proposal: str = "lebots apply --expect {digest}",
) -> str:
    """The whole page; ``places`` are where secrets go, ``commit`` is what was planned, and
    ``proposal`` is the command that makes these changes, empty where there is none to type.
    """
    view = PlanView(planned, kinds, places)
    sections = list(_sections(view, proposal))
    verdict = ", ".join(words for words, _ in _verdict(view))
    body = element(
        "body",
        _header(view, version, commit),
        _navigation(sections),
        element("main", lines(section.drawn() for section in sections)),
        element("script", _asset("page.js")),
    )
    title = f"{verdict} \u00b7 account {planned.name or planned.account}"
    return f"<!doctype html>\n{element('html', _head(title), body, lang='en')}"


def _head(title: str) -> Markup:
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_fingerprint(style)}'; script-src "
        f"'{_fingerprint(script)}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    parts = [
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=policy),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark"),
        void("meta", name="referrer", content="no-referrer"),
        void("link", rel="icon", href="data:,"),
        element("title", title),
        element("style", style),
    ]
    return element("head", lines(parts))


@cache
def _asset(name: str) -> Markup:
    return Markup(files("lebots.render.page").joinpath(name).read_text("utf-8"))  # noqa: S704


def _fingerprint(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


# The header


def _header(view: PlanView, version: str, commit: str) -> Markup:
    planned = view.plan
    about = [f"lebots {version}", joined(["account ", *_account(planned)])]
    about += [joined(["commit ", element("code", commit)])] if commit else []
    about += [counted(planned.live, "live object")]
    verdict = (element("span", words, class_=look) for words, look in _verdict(view))
    parts = [
        element("p", joined((element("span", one) for one in about), " "), class_="facts"),
        element("h1", joined(verdict, ", ")),
    ]
    parts += [] if planned.refused else [_copyable("digest", plan_digest(planned))]
    parts += [counts(view)]
    return element("header", lines(parts))


def _verdict(view: PlanView) -> list[tuple[str, str]]:
    """The words of the heading, each with how it looks."""
    harm = hurting(view)
    found = [(words, "delete" if words in harm else "update") for words in headline(view)]
    head = [(refused(view.plan.refused), "delete")] if view.plan.refused else []
    return [*head, *found] or [("no changes", "unchanged")]


def _copyable(name: str, text: str) -> Markup:
    about = element("span", f" the {name}", class_="unseen")
    button = element("button", "Copy", about, type="button", data_copy=name, hidden=True)
    words = [element("span", name), element("code", text, id=name), button]
    return element("p", joined(words, " "), class_="copied")


def _account(planned: Plan) -> list[Markup | str]:
    name, id_ = planned.name, planned.account
    return [element("b", name), f" ({id_})"] if name else [element("b", id_)]


def _navigation(sections: list[_Section]) -> Markup:
    links = (element("a", one.short, *_count(one), href=f"#{one.name}") for one in sections)
    return element("nav", lines(links), aria_label="Sections")


def _count(section: _Section) -> list[str]:
    return [" ", element("b", str(section.count))] if section.count else []


# The sections


def _sections(view: PlanView, proposal: str) -> Iterator[_Section]:
    planned = view.plan
    if planned.refused:
        yield _findings("refused", planned.refused)
    if first := [warning(view, alert) for alert in alerts(view)]:
        yield _Section("look-first", "Look first", listed("ul", first), len(first))
    if left := [element("li", line, class_="line") for line in undeclared(view)]:
        listing = listed("ul", left)
        yield _Section(
            "no-longer-declared", "No longer declared, stays as it is", listing, len(left)
        )
    yield from _lists(view)
    if rest := advice(planned.findings):
        yield _findings("findings", rest)
    if view.numbered and not planned.refused:
        yield _Section("apply", "Apply", _closing(planned, proposal))


def _lists(view: PlanView) -> Iterator[_Section]:
    above = search(view)
    if count := len(view.numbered):
        title = "Changes, in order of apply"
        yield _Section("changes", title, changes(view), count, above)
        above = Markup()
    if alone := [left_alone(view, change) for change in view.left_alone]:
        yield _Section("unmanaged", "Unmanaged", listed("ul", alone), len(alone), above)


def _findings(name: str, told: Sequence[Finding]) -> _Section:
    found = [_finding(finding) for finding in by_weight(told)]
    return _Section(name, name.capitalize(), listed("ul", found), len(found))


def _finding(finding: Finding) -> Markup:
    words = [element("strong", finding.severity, class_="badge"), element("code", finding.code)]
    if finding.address:
        words.append(element("code", str(finding.address)))
    words.append(element("span", worded(finding).message, class_="message"))
    if finding.source:
        words.append(place(finding.source))
    return element("li", joined(words, " "), class_=f"finding line {finding.severity}")


def _closing(planned: Plan, proposal: str) -> Markup:
    reads, writes = planned.calls.reads, planned.calls.writes
    cost = f"{counted(reads, 'read')}, {counted(writes, 'write')}"
    parts = [element("p", f"At most {cost}; then a second plan, expected empty.")]
    if proposal:
        command = proposal.replace("{digest}", plan_digest(planned))
        parts.append(_copyable("command", command))
    return lines(parts)
