"""The page for looking: what it shows, what it never shows, and that a browser can draw it."""

from __future__ import annotations

import base64
import hashlib
import re
import struct
import subprocess
import zlib
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from lebots.sandbox import Sandbox
from lebots.sandbox.http.serve import serve
from tests.sandbox.support import (
    APPS,
    BOTS,
    KEYS,
    LEGACY_KEY,
    SEEDED_USERS,
    SKILLS,
    USERS,
    Account,
    application,
    bot,
)

Open = Callable[..., Account]

_VOID = {"meta", "link", "br", "img", "input", "hr"}
_HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></td><h1>owned",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "abc\u202edef\u200b\x00\x1b[31m\ud800",
)


class Reader(HTMLParser):
    """The page as a browser would take it apart: a tree that closes, and tables of texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.ids: list[str] = []
        self.rows: list[str] = []
        self.links: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        given = dict(attrs)
        if given.get("id"):
            (self.ids if tag == "section" else self.rows).append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given["href"]))
        if tag == "table":
            self.tables[self.ids[-1]] = []
        if tag == "tr":
            self.tables[self.ids[-1]].append([])
        if tag in ("td", "th"):
            self.tables[self.ids[-1]][-1].append("")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.text += data
        if {"td", "th"} & set(self.open):
            row = self.tables[self.ids[-1]][-1]
            row[-1] = f"{row[-1]} {data}".strip()


def _look(account: Account) -> Any:
    return account.ask("GET", "/", headers={"Accept": "text/html,*/*;q=0.8"})


def _read(account: Account) -> Reader:
    reader = Reader()
    reader.feed(_look(account).text)
    assert reader.open == []
    return reader


def _column(reader: Reader, table: str, name: str) -> list[str]:
    head, *rows = reader.tables[table]
    return [row[head.index(name)] for row in rows]


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("text/html", 200),
        ("text/html,application/xhtml+xml,*/*;q=0.8", 200),
        ("*/*", 404),
        ("application/json", 404),
        ("text/html;q=0", 404),
        ("", 404),
    ],
)
def test_only_a_browser_gets_the_page(account: Account, accept: str, status: int) -> None:
    assert account.ask("GET", "/", headers={"Accept": accept}).status_code == status
    posted = account.ask("POST", "/", headers={"Accept": accept})
    assert posted.status_code == (405 if status == 200 else 404)


def test_nothing_comes_from_outside_and_nothing_runs(account: Account) -> None:
    answer = _look(account)
    policy = answer.headers["content-security-policy"]
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    reader = _read(account)
    assert not reader.tags & {"script", "img", "iframe", "object", "base"}
    names = {name for name, _ in reader.attributes}
    assert not [name for name in names if name.startswith("on") or name in ("style", "src")]
    assert not re.search(r"https?://|//[a-z]", answer.text)


def test_the_lists_are_reached_by_links(account: Account) -> None:
    reader = _read(account)
    assert reader.links[:3] == ["#users", "#skills", "#keys"]
    assert reader.ids == ["personas", "messages", "users", "skills", "keys"]
    assert "Account 55501234" in reader.text


def test_users_as_in_the_users_tab_bots_first(account: Account) -> None:
    app = account.create(APPS, application("faq"))
    fields = {"allowedAppKeys": app["id"], "memberOf": {"agentGroupId": BOTS}}
    account.create(USERS, bot("zoe-bot", nickname="Zoe", isEnabled=False, **fields))
    reader = _read(account)
    assert len(reader.tables["users"]) == 1 + SEEDED_USERS + 1
    types = _column(reader, "users", "Type")
    assert types == ["bot", "bot"] + ["human"] * (SEEDED_USERS - 1)
    head, _, row, *_ = reader.tables["users"]
    assert dict(zip(head, row, strict=True)) == {
        "Login name": "zoe-bot FAQ bot",
        "Type": "bot",
        "Nickname": "Zoe",
        "Profiles": "Agent",
        "Skills": "Survey",
        "Agent group": "Bots",
        "Key": "faq",
        "Conversations": "200",
        "Enabled": "no",
    }
    ana = next(row for row in reader.tables["users"] if row[0].startswith("ana.costa"))
    assert ana[4:8] == ["Customer care Billing", "Support", "none", "account default"]


def test_skills_and_keys(account: Account) -> None:
    account.create(SKILLS, {"name": "Returns", "description": "Sent back"})
    account.create(APPS, application("faq"))
    reader = _read(account)
    assert ["Returns", "Sent back", "none", "0"] in reader.tables["skills"]
    assert ["Survey", "Asked after a conversation", "survey-bot", "0"] in reader.tables["skills"]
    assert reader.tables["keys"][1:] == [
        ["faq", "OAuth 2 application", "none", "yes"],
        ["legacy-bots", "OAuth 1 app key", "survey-bot", "yes"],
    ]


def test_counts_against_the_limits(account: Account) -> None:
    text = _read(account).text
    assert f"Users{SEEDED_USERS}of 18,000" in text
    assert "App keys1of 100" in text
    assert "Bot users1" in text


def test_links_lead_from_a_bot_to_its_key_and_skill_and_back(account: Account) -> None:
    page = _look(account).text
    bot_row, key_row, skill_row = (
        re.findall(rf'<tr id="([a-z]+-\d+)"><td data-column="[A-Za-z ]+"><strong>{name}<', page)[0]
        for name in ("survey-bot", "legacy-bots", "Survey")
    )
    assert page.count(f'<a href="#{bot_row}">survey-bot</a>') == 2  # of its key, of its skill
    assert f'<a href="#{key_row}">legacy-bots</a>' in page
    assert f'<a href="#{skill_row}">Survey</a>' in page
    reader = _read(account)
    assert {link[1:] for link in reader.links} <= {*reader.ids, *reader.rows}
    assert len(reader.rows) == len(set(reader.rows))


@pytest.mark.parametrize(
    ("search", "users", "skills", "keys"),
    [
        ("survey", ["survey-bot"], ["Survey"], ["legacy-bots"]),
        ("SURVEY-BOT agent", ["survey-bot"], [], []),
        ("oauth1", [], [], ["legacy-bots"]),
        ("nothing-like-it", [], [], []),
    ],
)
def test_a_search_shows_what_holds_all_its_words(
    account: Account, search: str, users: list[str], skills: list[str], keys: list[str]
) -> None:
    headers = {"Accept": "text/html"}
    reader = Reader()
    reader.feed(account.ask("GET", "/", params={"search": search}, headers=headers).text)
    first = {name: [row[0].split()[0] for row in rows[1:]] for name, rows in reader.tables.items()}
    wanted = {"users": users, "skills": skills, "keys": keys}
    searched = {name: rows for name, rows in first.items() if name in wanted}
    assert searched == {name: rows for name, rows in wanted.items() if rows}
    assert {link[1:] for link in reader.links} <= {*reader.ids, *reader.rows}
    assert ("value", search) in reader.attributes


def test_a_search_finds_people_who_are_not_shown_without_it(account: Account) -> None:
    account.sandbox.seed(users=500)
    last = account.sandbox.show()["users"][-1]["loginName"]
    answer = account.ask("GET", "/", params={"search": last}, headers={"Accept": "text/html"})
    assert f"<strong>{last}</strong>" in answer.text


def test_an_account_without_skills_says_so(account: Account) -> None:
    for skill in account.list(SKILLS):
        account.sandbox.remove("skills", skill["id"])
    assert "There are no skills." in _read(account).text


@pytest.mark.parametrize("text", _HOSTILE)
def test_hostile_texts_are_only_texts(open_account: Open, text: str) -> None:
    plain, hostile = open_account(), open_account()
    names = {"name": text, "description": text}
    app = hostile.sandbox.put("installations", {"client_name": text, "enabled": True})
    skill = hostile.sandbox.put("skills", names)
    fields = {"fullName": text, "nickname": text, "maxAsyncChats": text, "skillIds": [skill]}
    hostile.sandbox.put("users", bot(text, allowedAppKeys=app, **fields))
    before, after = _read(plain), _read(hostile)
    assert after.tags == before.tags
    assert {name for name, _ in after.attributes} == {name for name, _ in before.attributes}
    assert after.ids == before.ids
    shown = _look(hostile).text
    assert not [char for char in shown if not char.isprintable() and char != "\n"]
    if text.isprintable():
        assert f"{text} {text}" in _column(after, "users", "Login name")


def test_no_secret_is_shown(account: Account) -> None:
    made = account.create(APPS, application(software_statement="secret-1"))
    key = account.one(KEYS, LEGACY_KEY)
    page = _look(account).text
    secrets = [made["client_secret"], "secret-1", "not-a-real"]
    secrets += [key[name] for name in ("appSecret", "token", "tokenSecret")]
    assert [secret for secret in secrets if secret in page] == []


def test_a_large_account_is_cut_and_says_so(account: Account) -> None:
    account.sandbox.seed(users=500)
    reader = _read(account)
    assert len(reader.tables["users"]) == 1 + 1 + 200
    people = 500 + SEEDED_USERS - 1
    assert f"{people - 200} more people are not shown; search for them." in reader.text


def test_looking_needs_no_login_and_changes_nothing(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    before = account.sandbox.dump()
    assert _look(account).status_code == 200
    assert account.sandbox.dump() == before


# In a browser


@pytest.fixture
def browse(chromium: str, tmp_path: Path) -> Callable[..., str]:
    """Chromium without a screen; returns what it prints."""

    def run(url: str, *options: str) -> str:
        quiet = ("--disable-background-networking", "--disable-component-update", "--no-first-run")
        fixed = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}")
        logged = ("--enable-logging=stderr",)
        command = [chromium, *fixed, *quiet, *logged, *options, url]
        done = subprocess.run(command, capture_output=True, timeout=60, check=True)
        errors = [line for line in done.stderr.decode().splitlines() if ":CONSOLE" in line]
        assert errors == [], "the page broke its own policy"
        return done.stdout.decode()

    return run


@pytest.mark.enable_socket
def test_a_browser_draws_it(account: Account, browse: Callable[..., str], tmp_path: Path) -> None:
    account.create(USERS, bot("<b>bold</b>"))
    picture = tmp_path / "page.png"
    with serve(account.sandbox) as server:
        dom = browse(f"{server.url}/", "--dump-dom")
        for width, height in ((1400, 900), (500, 900)):
            browse(f"{server.url}/", f"--screenshot={picture}", f"--window-size={width},{height}")
            assert _size(picture) == (width, height)
            assert _first_pixel(picture) == (0xF5, 0xF6, 0xF8), "its style was let in"
    assert "<title>Account 55501234 - lebots sandbox</title>" in dom
    assert "&lt;b&gt;bold&lt;/b&gt;" in dom
    assert dom.count("<tr") == 5 + 2 + 3 + SEEDED_USERS + 1 + 4 + 1
    assert isinstance(account.sandbox, Sandbox)


def _size(png: Path) -> tuple[int, int]:
    width, height = struct.unpack(">II", png.read_bytes()[16:24])
    return width, height


def _first_pixel(png: Path) -> tuple[int, ...]:
    """Of the first pixel no filter of PNG changes anything: it has no neighbours."""
    raw, packed, at = png.read_bytes(), b"", 8
    while at < len(raw):
        (length,) = struct.unpack(">I", raw[at : at + 4])
        if raw[at + 4 : at + 8] == b"IDAT":
            packed += raw[at + 8 : at + 8 + length]
        at += 12 + length
    return tuple(zlib.decompress(packed)[1:4])
