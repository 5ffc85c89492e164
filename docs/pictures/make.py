"""Draws the pictures of the README anew: ``make pictures``. It needs Chromium.

The account, its objects and the people in it are made up.
"""

import base64
import shutil
import sys
from html import escape
from pathlib import Path
from typing import Any

from lebots import __version__, kinds
from lebots.core.model.address import Address, Source
from lebots.core.model.change import Action, Change, Dependant, FieldChange, Origin
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Calls, Plan
from lebots.core.model.value import Value
from lebots.render.comment import markdown
from lebots.render.page import page as html

HERE = Path(__file__).parent
KINDS = kinds.load()
COMMIT = "3f9c2ab"
HEIGHT = 1180
CHANGED = 5
"""The change that stands at the top of the phone."""

BILLING = Address("Skill", "billing")
REFUNDS = Address("Skill", "billing-refunds")
KEY = Address("Key", "refund-bot")
BOT = Address("BotUser", "refund-bot")
FAQ = Address("BotUser", "faq-legacy")


def at(file: str, line: int) -> Source:
    return Source(f"manifests/{file}.yaml", line, 3)


def new(file: str, line: int, **fields: Value) -> tuple[FieldChange, ...]:
    """The fields of a new object, one a line."""
    return tuple(
        FieldChange(path, None, value, at(file, line + n), personal=path == "email")
        for n, (path, value) in enumerate(fields.items())
    )


CHANGES = (
    Change(
        REFUNDS,
        Action.CREATE,
        source=at("refunds", 4),
        fields=new("refunds", 6, description="Refunds the bot settles first", maxWaitTime=90),
        origin=Origin.PROPOSED,
    ),
    Change(
        KEY,
        Action.CREATE,
        source=at("refunds", 11),
        fields=new(
            "refunds",
            13,
            type="oauth2",
            description="Login of the refund bot",
            sink="runtime",
        ),
        sink="runtime",
        origin=Origin.PROPOSED,
    ),
    Change(
        BOT,
        Action.CREATE,
        source=at("refunds", 19),
        fields=new(
            "refunds",
            21,
            nickname="Ava",
            email="bots@example.com",
            profiles=["Agent"],
            skills=["billing-refunds"],
            key="refund-bot",
            maxAsyncChats=25,
        ),
        depends_on=(REFUNDS, KEY),
        references={REFUNDS: None, KEY: None, Address("Profile", "Agent"): "1"},
        origin=Origin.PROPOSED,
    ),
    Change(
        BILLING,
        Action.RENAME,
        id="4100201017",
        source=at("billing", 4),
        was="invoices",
        used_by=(Dependant(Address("BotUser", "billing-bot"), declared=True),),
        origin=Origin.PROPOSED,
    ),
    Change(
        Address("BotUser", "billing-bot"),
        Action.UPDATE,
        id="4100201031",
        source=at("billing", 12),
        fields=(
            FieldChange("maxAsyncChats", 20, 10, at("billing", 19), origin=Origin.DRIFT),
            FieldChange(
                "skills", ["billing", "vip"], ["billing"], at("billing", 17), origin=Origin.DRIFT
            ),
        ),
        origin=Origin.DRIFT,
    ),
    Change(
        FAQ,
        Action.DISABLE,
        id="4100200877",
        source=at("faq", 4),
        fields=(FieldChange("enabled", True, False, at("faq", 4)),),
        origin=Origin.PROPOSED,
    ),
    Change(
        Address("Skill", "faq"),
        Action.DELETE,
        id="4100200876",
        source=at("faq", 15),
        used_by=(
            Dependant(Address("BotUser", "night\u200bshift"), declared=False),
            Dependant(Address("User", "ana"), declared=False, note="a human user"),
        ),
        origin=Origin.PROPOSED,
    ),
    *(Change(Address("Skill", f"skill-{n}"), Action.UNCHANGED) for n in range(11)),
    *(Change(Address("Key", f"key-{n}"), Action.UNCHANGED) for n in range(4)),
    *(Change(Address("BotUser", f"bot-{n}"), Action.UNCHANGED) for n in range(6)),
    Change(
        Address("BotUser", "night\u200bshift"),
        Action.UNMANAGED,
        id="4100201002",
        note="unmanaged",
    ),
)
EXAMPLE = Plan(
    "55501234",
    CHANGES,
    (
        Finding(
            "one-bot-only",
            'skill "billing-refunds" has one bot; two keep it answered when one fails',
            Severity.WARNING,
            at("refunds", 4),
            REFUNDS,
        ),
        Finding("quota", "5 of 100 keys after apply", Severity.NOTE, address=KEY),
    ),
    live=26,
    calls=Calls(15, 7),
)
PLACES = {KEY: ".secrets/55501234/refund-bot.env"}


def page() -> str:
    """The plan as ``lebots plan --format html`` writes it."""
    return html.plan(EXAMPLE, KINDS, version=__version__, places=PLACES, commit=COMMIT)


def comment() -> str:
    """The plan as ``lebots plan --format markdown`` writes it, as a code host shows it."""
    from markdown_it import MarkdownIt

    text = markdown.plan(EXAMPLE, KINDS, markdown.Frame(__version__, COMMIT), places=PLACES)
    host = MarkdownIt("commonmark", {"html": True}).enable("table")
    host.add_render_rule("fence", _fence)
    style = (HERE / "comment.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html><meta charset="utf-8"><style>{style}</style>'
        '<div class="comment"><p class="by"><b>lebots</b> commented</p>'
        f'<div class="said">{host.render(text)}</div></div>'
    )


def _fence(_: Any, tokens: Any, number: int, *__: Any) -> str:
    lines = tokens[number].content.splitlines()
    if tokens[number].info != "diff":
        return f"<pre>{escape(tokens[number].content)}</pre>"
    looks = {"+": "added", "-": "removed", "!": "changed"}
    drawn = (f'<span class="{looks.get(line[:1], "")}">{escape(line)}</span>' for line in lines)
    return f"<pre>{chr(10).join(drawn)}</pre>"


def beside(*pictures: bytes) -> str:
    """Pictures on one page, as high as each other."""
    sources = (base64.b64encode(picture).decode() for picture in pictures)
    shown = "".join(f'<img src="data:image/png;base64,{source}">' for source in sources)
    style = f"body{{margin:0;display:flex;gap:24px}}img{{height:{HEIGHT}px;border:1px solid #8886}}"
    return f"<!doctype html><style>{style}</style><body>{shown}"


def main() -> None:
    """Writes both pictures beside this file."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no pictures: install chromium first, with `make browser`")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])

        def drawn(text: str, width: int, scheme: Any = "light") -> Any:
            """A window with the page in it."""
            opened = browser.new_page(color_scheme=scheme, device_scale_factor=2)
            opened.set_viewport_size({"width": width, "height": HEIGHT})
            opened.set_content(text)
            return opened

        wide, phone = drawn(page(), 1000), drawn(page(), 390, "dark")
        phone.locator(f"#change-{CHANGED}").evaluate("(one) => one.scrollIntoView()")
        both = drawn(beside(wide.screenshot(), phone.screenshot()), 1418)
        for name, picture in (
            ("plan-page.png", both.locator("body").screenshot()),
            ("plan-comment.png", drawn(comment(), 920).locator("body").screenshot()),
        ):
            (HERE / name).write_bytes(picture)
            print(f"wrote {HERE / name}, {len(picture):,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
