"""The page for looking: what a browser sees of the account on `/`. It shows no secrets."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from werkzeug.wrappers import Response

from lebots.sandbox.collections import COLLECTIONS
from lebots.sandbox.collections.users import QUOTA
from lebots.sandbox.errors import ApiError
from lebots.sandbox.http import forms
from lebots.sandbox.http.answers import Route, Visit
from lebots.sandbox.objects.fields import Json
from lebots.sandbox.objects.resource import Context
from lebots.sandbox.page.display import MESSAGES, show
from lebots.sandbox.page.persona import personas
from lebots.sandbox.page.style import STYLE

APP_KEY_QUOTA = 100
"""OAuth 1 app keys per account (9.1) [D]."""

_MOST_PEOPLE = 200  # a browser takes its time over a table of 18,000 rows
_LONGEST_SEARCH = 200
_NAMES = {"user": "loginName", "skill": "name", "key": "name"}
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; base-uri 'none';"
        " form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Page:
    """`GET /` of a browser."""

    def __init__(self, context: Context, account: str) -> None:
        self._context = context
        self._account = account

    def routes(self) -> Iterator[tuple[str, Route]]:
        """The root."""
        yield "/", Route(self._answer, "flat")

    def _answer(self, visit: Visit) -> Response:
        wanted = [kind.lower() for kind, quality in visit.request.accept_mimetypes if quality]
        if "text/html" not in wanted:
            raise ApiError(404, "There is nothing at /")
        forms.only(visit.request, "GET")
        with self._context.store.transaction(write=False):
            shown = show(self._context, COLLECTIONS)
        html = render(self._account, shown, visit.request.args.get("search", "")[:_LONGEST_SEARCH])
        return Response(html, 200, _HEADERS, content_type="text/html; charset=utf-8")


def render(account: str, shown: Mapping[str, Sequence[Json]], search: str = "") -> str:
    """The whole page as HTML; `shown` is what `Sandbox.show` says, `search` what rows must hold."""
    found = {name: _holding(search, shown[name]) for name in ("users", "skills", "keys")}
    bots = [user for user in found["users"] if user["userType"] == "bot"]
    people = [user for user in found["users"] if user["userType"] != "bot"]
    rows = {"user": [*bots, *people[:_MOST_PEOPLE]], "skill": found["skills"], "key": found["keys"]}
    links = Links(rows)
    tabs = "".join(
        f'<a href="#{name}">{name.capitalize()} <b>{len(some):,}</b></a>'
        for name, some in found.items()
    )
    left_out = len(people) - _MOST_PEOPLE
    note = f"{left_out:,} more people are not shown; search for them." if left_out > 0 else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<link rel="icon" href="data:,">'
        f"<title>Account {_text(account)} - lebots sandbox</title><style>{STYLE}</style></head>"
        f"<body><header><h1>Account {_text(account)}</h1>"
        "<p>The embedded account of lebots: for trying things, not LivePerson's own service.</p>"
        "</header>"
        f'<nav aria-label="Lists">{tabs}{_search(search)}</nav><main>'
        f"{_figures(shown)}"
        f"{_personas(bots, shown[MESSAGES])}{_messages(shown[MESSAGES])}"
        f"{_users(rows['user'], links, note)}"
        f"{_skills(found['skills'], shown['users'], links)}{_keys(found['keys'], links)}</main>"
        "<footer>A page for looking: reload it to see what an apply did. Secrets are never shown."
        "</footer></body></html>\n"
    )


class Links:
    """Leads from the name of an object to its row, where that is on the page."""

    def __init__(self, rows: Mapping[str, Sequence[Json]]) -> None:
        self._at: dict[tuple[str, str], str] = {}
        for kind, objects in rows.items():
            for number, one in enumerate(objects, 1):
                self._at.setdefault((kind, str(one[_NAMES[kind]])), f"{kind}-{number}")

    def to(self, kind: str, name: object) -> str:
        """The name as HTML."""
        place = self._at.get((kind, str(name)))
        return f'<a href="#{place}">{_text(name)}</a>' if place and name else _text(name)

    def chips(self, kind: str, names: Sequence[Any]) -> str:
        """The names as a list."""
        chips = "".join(f"<li>{self.to(kind, name)}</li>" for name in names)
        return f"<ul>{chips}</ul>" if chips else ""


def _holding(search: str, objects: Sequence[Json]) -> Sequence[Json]:
    """The objects that hold every word of a search, in any of what is shown of them."""
    words = search.casefold().split()
    texts = ((one, str([*one.values()]).casefold()) for one in objects)
    return [one for one, text in texts if all(word in text for word in words)]


def _search(search: str) -> str:
    words = "Search names and values"
    return (
        f'<form role="search"><input type="search" name="search" value="{_text(search)}" '
        f'placeholder="{words}" aria-label="{words}"></form>'
    )


# Sections


def _figures(shown: Mapping[str, Sequence[Json]]) -> str:
    """Counts against the limits (9.1)."""
    bots = sum(user["userType"] == "bot" for user in shown["users"])
    types = [key["type"] for key in shown["keys"]]
    figures = (
        ("Bot users", f"{bots:,}", "two per skill are advised"),
        ("Users", f"{len(shown['users']):,}", f"of {QUOTA:,}"),
        ("Applications", f"{types.count('oauth2'):,}", "OAuth 2, no published limit"),
        ("App keys", f"{types.count('oauth1'):,}", f"of {APP_KEY_QUOTA}, OAuth 1, past their end"),
        ("Skills", f"{len(shown['skills']):,}", "no published limit"),
    )
    items = "".join(
        f"<div><dt>{title}</dt><dd>{count}<small>{note}</small></dd></div>"
        for title, count, note in figures
    )
    return f'<dl class="figures">{items}</dl>'


def _personas(bots: Sequence[Json], messages: Sequence[Json]) -> str:
    rows = [
        [
            f"<strong>{_text(one['nickname'])}</strong><small>{_text(one['name'])}</small>",
            _text(one["picture"]),
            _text(one["skill"]),
            _texts(one["first"]),
        ]
        for one in personas(bots, messages)
    ]
    columns = ("Nickname", "Picture", "Skill", "First message")
    return _section("personas", "As a customer meets them", columns, rows)


def _messages(messages: Sequence[Json]) -> str:
    rows = [
        [
            f"<strong>{_text(one['event'])}</strong>",
            _text(one["skill"]) or "<small>all skills</small>",
            _texts(one["text"]),
            _on_off(one["enabled"]),
        ]
        for one in messages
    ]
    columns = ("Event", "Skill", "Text", "Enabled")
    return _section("messages", "Automatic messages", columns, rows)


def _texts(texts: Mapping[str, str]) -> str:
    lines = (f"<li>{_text(lang)}: {_text(text)}</li>" for lang, text in sorted(texts.items()))
    return f"<ul>{''.join(lines)}</ul>" if texts else ""


def _users(users: Sequence[Json], links: Links, note: str) -> str:
    columns = (
        "Login name",
        "Type",
        "Nickname",
        "Profiles",
        "Skills",
        "Agent group",
        "Key",
        "Conversations",
        "Enabled",
    )
    return _section("users", "Users", columns, [_user(user, links) for user in users], note)


def _user(user: Json, links: Links) -> list[str]:
    name, kind = _text(user["fullName"]), _text(user["userType"])
    chats = user["maxAsyncChats"]
    return [
        f"<strong>{_text(user['loginName'])}</strong><small>{name}</small>",
        f'<span class="type {"bot" if kind == "bot" else "other"}">{kind}</span>',
        _text(user["nickname"]),
        links.chips("profile", user["profiles"]),
        links.chips("skill", user["skills"]),
        _text(user["agentGroup"]),
        links.to("key", user["key"]),
        _text(chats) if chats is not None else "<small>account default</small>",
        _on_off(user["isEnabled"]),
    ]


def _skills(skills: Sequence[Json], users: Sequence[Json], links: Links) -> str:
    held: dict[str, list[str]] = {}
    for user in users:
        for name in user["skills"] if user["userType"] == "bot" else ():
            held.setdefault(str(name), []).append(user["loginName"])
    rows = [
        [
            f"<strong>{_text(skill['name'])}</strong>",
            _text(skill["description"]),
            links.chips("user", held.get(str(skill["name"]), [])),
            f"{skill['humans']:,}",
        ]
        for skill in skills
    ]
    return _section("skills", "Skills", ("Name", "Description", "Bots", "People"), rows)


def _keys(keys: Sequence[Json], links: Links) -> str:
    types = {"oauth2": "OAuth 2 application", "oauth1": "OAuth 1 app key"}
    rows = [
        [
            f"<strong>{_text(key['name'])}</strong>",
            types[key["type"]],
            links.chips("user", key["bots"]),
            _on_off(key["enabled"]),
        ]
        for key in keys
    ]
    return _section("keys", "Keys", ("Name", "Type", "Users", "Enabled"), rows)


# Parts


def _section(
    name: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], note: str = ""
) -> str:
    """A table; on a narrow screen every row becomes a card, with the column names inside."""
    heads = "".join(f'<th scope="col">{column}</th>' for column in columns)
    lines = "".join(
        f'<tr id="{name[:-1]}-{number}">{_cells(columns, row)}</tr>'
        for number, row in enumerate(rows, 1)
    )
    empty = f'<p class="note">There are no {name}.</p>' if not rows else ""
    more = f'<p class="note">{note}</p>' if note else ""
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>" if rows else ""
    return f'<section id="{name}"><h2>{title}</h2>{table}{empty}{more}</section>'


def _cells(columns: Sequence[str], row: Sequence[str]) -> str:
    return "".join(
        f'<td data-column="{column}">{cell or "<small>none</small>"}</td>'
        for column, cell in zip(columns, row, strict=True)
    )


def _on_off(value: object) -> str:
    return '<span class="on">yes</span>' if value is True else '<span class="off">no</span>'


def _text(value: object) -> str:
    """Any text of the account as HTML: escaped, and nothing in it invisible."""
    if value is None:
        return ""
    visible = (
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in str(value)
    )
    return escape("".join(visible))
