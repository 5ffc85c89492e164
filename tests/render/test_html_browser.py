"""The page of a plan in a browser: it filters, restores views, fits a phone and obeys nobody."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from lebots.core.model.address import Address, Source
from lebots.core.model.change import Action, Change, FieldChange
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Calls, Plan
from lebots.render.page import page as html
from tests.render import examples
from tests.render.examples import KINDS, PLACES
from tests.render.html_corpus import HOSTILE
from tests.render.reading import read

Open = Callable[..., Any]
WRITTEN = len(examples.EXAMPLE.writes)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def profile(browser: Any) -> Any:
    """What pages share that need nothing special."""
    return browser.new_context()


@pytest.fixture
def faults() -> list[str]:
    """What pages asked of the network or told the console; there must be nothing in the end."""
    return []


@pytest.fixture
def opened(browser: Any, profile: Any, faults: list[str], tmp_path: Path) -> Iterator[Open]:
    """Opens the page of a plan."""
    ended: list[Any] = []

    def open_(plan: Plan, fragment: str = "", **options: Any) -> Any:
        file = tmp_path / f"plan-{len(ended)}.html"
        file.write_text(html.plan(plan, KINDS, version="0.4.0", places=PLACES), encoding="utf-8")
        context = browser.new_context(**options) if options else profile
        page = context.new_page()
        ended.append(context if options else page)
        page.set_default_timeout(10_000)
        page.on("console", lambda message: faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: faults.append(f"request: {request.url}"))
        page.goto(file.as_uri() + fragment)
        faults.remove(f"request: {file.as_uri()}")
        return page

    yield open_
    for one in ended:
        one.close()
    assert faults == []


def shown(page: Any) -> list[str]:
    """The names of the entries that can be seen."""
    last = "(titles) => titles.map((title) => [...title.querySelectorAll('code')].at(-1).innerText)"
    names = page.locator(".entry:visible .title").evaluate_all(last)
    return [name.strip('"') for name in names]


def fragment(page: Any) -> str:
    return str(page.url.partition("#")[2])


def choose(page: Any, word: str) -> None:
    page.get_by_role("checkbox", name=word).click()


ALL = ["billing-refunds", "billing", "ci-refunds", "refund-bot", "faq-legacy"]
ALONE = ["night\\u200bshift", "survey-bot"]


# Filter and search


SEARCHES = [
    ("", [*ALL, *ALONE]),
    ("billing", ["billing-refunds", "billing", "refund-bot"]),
    ("BILLING", ["billing-refunds", "billing", "refund-bot"]),
    ("maxWaitTime", ["billing-refunds", "billing"]),
    ("120", ["billing"]),
    ("refunds billing", ["billing-refunds", "refund-bot"]),
    ("known after", ["billing-refunds", "ci-refunds", "refund-bot"]),
    ("manifests/keys.yaml", ["ci-refunds"]),
    ("\\u200b", ["night\\u200bshift"]),
    ("login name stays", ["faq-legacy"]),
    ("<b>", []),
    ("nothing like it", []),
]
BOXES = [
    (["create"], ["billing-refunds", "ci-refunds", "refund-bot"]),
    (["create", "delete"], ["billing-refunds", "ci-refunds", "refund-bot", "faq-legacy"]),
    (["unmanaged"], ALONE),
    (["bot"], ["refund-bot", "faq-legacy", *ALONE]),
    (["create", "skill"], ["billing-refunds"]),
    (["update", "key"], []),
]


def test_the_search_finds_names_fields_and_values(opened: Open) -> None:
    page = opened(examples.EXAMPLE)
    for words, found in SEARCHES:
        page.get_by_role("searchbox").fill(words)
        assert shown(page) == found, words
        assert page.get_by_role("status").inner_text() == f"{len(found)} of 7 shown"


def test_verbs_and_kinds_narrow_the_lists(opened: Open) -> None:
    page = opened(examples.EXAMPLE)
    for boxes, found in BOXES:
        for box in boxes:
            choose(page, box)
        assert shown(page) == found, boxes
        assert page.locator("#unmanaged").is_visible() is bool(set(ALONE) & set(found))
        assert page.locator(".first:visible").count() == 2, "what can hurt cannot be hidden"
        page.get_by_role("button", name="Clear").click()
        assert shown(page) == [*ALL, *ALONE]
        assert fragment(page) == ""
        assert not page.get_by_role("button", name="Clear").is_visible()


def test_everything_can_be_done_with_the_keyboard(opened: Open) -> None:
    page = opened(examples.EXAMPLE)
    page.get_by_role("searchbox").focus()
    page.keyboard.type("billing")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert shown(page) == ["billing-refunds", "refund-bot"]
    assert fragment(page) == "search=billing&verb=create"
    first = page.locator("summary:visible").first
    first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details[open]:visible").count() == 1


def test_everything_to_press_has_a_name(opened: Open) -> None:
    page = opened(examples.EXAMPLE)
    told = page.locator("body").aria_snapshot()
    roles = "button|link|checkbox|searchbox|search|navigation|region|table"
    found = re.findall(rf'^ *- ({roles})( ".+")?', told, re.MULTILINE)
    assert {role for role, _ in found} == set(roles.split("|"))
    assert [role for role, name in found if not name] == []
    assert page.get_by_role("search").get_by_role("group", name="verb").count() == 1


def test_groups_of_origin_go_with_their_last_entry(opened: Open) -> None:
    page = opened(examples.THREE_WAY)
    assert page.locator("h3:visible").count() == 4
    choose(page, "disable")
    assert page.locator("h3:visible").all_inner_texts() == ["Pending: merged but not applied 1"]


def test_all_details_fold_and_unfold(opened: Open) -> None:
    page = opened(examples.EXAMPLE)
    assert page.locator("dl:visible").count() == WRITTEN
    page.get_by_role("button", name="Fold all", exact=True).click()
    assert page.locator("dl:visible").count() == 0
    choose(page, "delete")
    page.get_by_role("button", name="Unfold all").click()
    choose(page, "delete")
    assert page.locator("dl:visible").count() == 1


# Views to share


def test_a_view_can_be_shared(opened: Open) -> None:
    page = opened(examples.EXAMPLE)
    page.get_by_role("searchbox").fill("refund & more #1")
    choose(page, "create")
    choose(page, "unmanaged")
    choose(page, "bot")
    view = fragment(page)
    again = opened(examples.EXAMPLE, f"#{view}")
    assert again.get_by_role("searchbox").input_value() == "refund & more #1"
    assert [box.input_value() for box in again.locator("input:checked").all()] == [
        "create",
        "unmanaged",
        "bot",
    ]
    assert fragment(again) == view
    assert again.get_by_role("status").inner_text() == "0 of 7 shown"


VIEWS = [
    ("verb=delete", ["faq-legacy"]),
    ("verb=create&kind=skill", ["billing-refunds"]),
    ("search=120", ["billing"]),
    ("verb=no+such+verb&other=1", [*ALL, *ALONE]),
    ("%E0%A4%A", [*ALL, *ALONE]),
    ("__proto__", [*ALL, *ALONE]),
    ("verb=update", ["billing"]),
    ("findings", ["billing"]),
    ("", [*ALL, *ALONE]),
]


def test_a_fragment_restores_a_view(opened: Open) -> None:
    page = opened(examples.EXAMPLE)
    for view, found in VIEWS:
        go(page, view)
        assert shown(page) == found, view


def test_going_back_restores_the_view_before(opened: Open) -> None:
    page = opened(examples.EXAMPLE, "#verb=delete")
    go(page, "verb=update")
    assert shown(page) == ["billing"]
    page.evaluate(f"new Promise((done) => {{ {ONCE_MOVED} history.back(); }})")
    assert shown(page) == ["faq-legacy"]


ONCE_MOVED = "addEventListener('hashchange', () => setTimeout(done), {once: true});"


def go(page: Any, view: str) -> None:
    script = f"(view) => new Promise((done) => {{ {ONCE_MOVED} location.hash = view; }})"
    page.evaluate(script, view)


def test_a_number_leads_to_its_change_even_where_it_is_hidden(opened: Open) -> None:
    page = opened(examples.EXAMPLE)
    page.get_by_role("button", name="Fold all", exact=True).click()
    choose(page, "update")
    page.locator("#look-first").get_by_role("link", name="Change 5").click()
    removed = page.locator("#change-5")
    removed.locator("dl").wait_for(state="visible")
    assert shown(page) == [*ALL, *ALONE]
    assert page.locator("dl:visible").count() == 1


# Reading it anywhere


PLANS = [examples.EXAMPLE, examples.CORNERS, examples.THREE_WAY, examples.STOPPED]


def test_every_text_has_contrast(opened: Open) -> None:
    for plan in PLANS[:3]:
        page = opened(plan)
        choose(page, "skill")
        for scheme, ground in (("light", "rgb(245, 246, 248)"), ("dark", "rgb(14, 18, 24)")):
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
            assert page.evaluate(CONTRASTS) == []


CONTRASTS = """
() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const linear = (c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgb.map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(node);
      if (backgroundImage !== "none" || opacity !== "1") throw new Error("not to be measured");
      const [r, g, b, alpha = 1] = parse(backgroundColor);
      if (alpha === 1) return [r, g, b];
      if (alpha !== 0) throw new Error("not to be measured");
    }
    return [255, 255, 255];
  };
  const poor = [];
  let measured = 0;
  for (const node of document.body.querySelectorAll("*")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own && node.id !== "search" || !node.checkVisibility()) continue;
    const style = getComputedStyle(node, node.id === "search" ? "::placeholder" : null);
    const shades = [light(parse(style.color).slice(0, 3)), light(ground(node))];
    measured += 1;
    const contrast = (Math.max(...shades) + 0.05) / (Math.min(...shades) + 0.05);
    if (contrast < 4.5) poor.push([node.outerHTML, style.color, contrast]);
  }
  if (measured < 50) throw new Error(`only ${measured} texts`);
  return poor;
}
"""


def long_names() -> Plan:
    text = "w" * 300
    fields = (FieldChange(text, text, [text, text]), FieldChange("n", {text: text}, None))
    change = Change(
        Address("Skill", text), Action.UPDATE, id=text, fields=fields, note=text, was=text
    )
    kinds = (Change(Address(f"{n} kind", "x"), Action.CREATE) for n in range(40))
    advice = Finding("code", text, Severity.WARNING, Source(text, 1, 1), Address("Skill", text))
    return Plan(text, (change, *examples.CORNERS.changes, *kinds), (advice,))


def test_nothing_scrolls_sideways(opened: Open) -> None:
    for plan in (*PLANS, long_names()):
        page = opened(plan)
        for width in (320, 414, 700, 1400):
            page.set_viewport_size({"width": width, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth") == width


def test_without_its_script_the_page_can_be_read(opened: Open) -> None:
    page = opened(replace(examples.EXAMPLE, changes=more_than_ten()), java_script_enabled=False)
    assert not page.locator("#filter").is_visible()
    assert page.locator("button:visible").count() == 0
    page.locator(".together > details > summary").first.click()
    assert page.locator(".entry:visible").count() == 12
    page.locator(".entry summary").first.click()
    assert page.locator("dl:visible").count() == 1


def test_a_search_and_a_link_open_what_is_one_line(opened: Open) -> None:
    plan = replace(examples.EXAMPLE, changes=more_than_ten())
    page = opened(plan)
    assert page.locator(".together .entry:visible").count() == 0
    page.get_by_role("searchbox").fill(plan.writes[0].address.name)
    assert page.locator(".together .entry:visible").count() >= 1
    assert opened(plan, fragment="#change-1").locator("#change-1 dl").is_visible()


def test_a_print_shows_the_details(opened: Open) -> None:
    page = opened(replace(examples.EXAMPLE, changes=more_than_ten()), color_scheme="dark")
    assert page.locator("dl:visible").count() == 0
    page.emulate_media(media="print", color_scheme="light")
    height = "[...document.querySelectorAll('dl')].filter((one) => one.offsetHeight > 20).length"
    assert page.evaluate(height) == 12
    assert not page.get_by_role("searchbox").is_visible()
    assert page.get_by_role("status").inner_text() == "12 of 12 shown"


def more_than_ten() -> tuple[Change, ...]:
    return tuple(
        replace(examples.UPDATE_SKILL, address=Address("Skill", f"skill-{n}")) for n in range(12)
    )


def test_the_digest_goes_to_the_clipboard(opened: Open) -> None:
    page = opened(examples.EXAMPLE, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the digest").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#digest").inner_text()


def test_a_digest_that_cannot_be_copied_is_selected(opened: Open) -> None:
    page = opened(examples.EXAMPLE)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.get_by_role("button", name="Copy the digest").click()
    assert page.evaluate("String(getSelection())") == page.locator("#digest").inner_text()


# What a hostile text can do


def named(texts: list[str]) -> Plan:
    changes = tuple(
        Change(
            Address("Skill", f"{number} {text}"),
            Action.UPDATE,
            id=text,
            fields=(FieldChange(f"{text} path", text, [text]), FieldChange("b", None, text)),
            note=f"{text} note",
        )
        for number, text in enumerate(texts)
    )
    odd = Change(Address(f'"><b>{texts[0]}', "odd"), Action.DELETE, note=texts[0])
    return Plan(texts[0], (*changes, odd), calls=Calls(1, 1))


def test_hostile_names_run_nothing_and_make_no_element(opened: Open) -> None:
    plan = named(HOSTILE)
    page = opened(plan)
    tags = "(all) => all.map((one) => one.tagName.toLowerCase())"
    drawn = read(html.plan(plan, KINDS, version="0.4.0", places=PLACES))
    assert page.locator("html, html *").evaluate_all(tags) == [one.tag for one in drawn.all()]
    page.get_by_role("button", name="Unfold all").click()
    choose(page, '"><b>')
    assert shown(page) == ["odd"]
    assert page.evaluate("window.hacked") is None


def test_the_policy_stops_what_would_slip_through(opened: Open, faults: list[str]) -> None:
    page = opened(examples.EXAMPLE)
    page.evaluate(
        """() => document.body.insertAdjacentHTML("beforeend", `
          <p id="late" onclick="window.hacked = 1" style="color: red">late</p>
          <a id="link" href="javascript:window.hacked=1">link</a>
          <img src="https://evil.example/pixel">`)"""
    )
    page.locator("#late").click()
    page.locator("#link").click()
    assert page.evaluate("window.hacked") is None
    red = "rgb(255, 0, 0)"
    assert page.evaluate("getComputedStyle(document.getElementById('late')).color") != red
    told = [re.search(r"Security Policy directive.*?([a-z]+-src)", fault) for fault in faults]
    assert {one[1] for one in told if one} == {"script-src", "style-src", "img-src"}, faults
    faults.clear()


def test_blanks_and_letters_that_run_leftwards_stay_in_their_place(opened: Open) -> None:
    hebrew = ["\u05d0\u05d1\u05d2", "\u05d3\u05d4\u05d5"]
    part = FieldChange("skills", ["a"], ["a", *hebrew])
    change = Change(Address("Skill", "two  blanks"), Action.UPDATE, fields=(part,))
    page = opened(Plan("1", (change,)))
    assert page.locator(".title code").inner_text() == '"two  blanks"'
    one, other = (page.locator("ins").nth(n).bounding_box() for n in (0, 1))
    assert one["x"] + one["width"] <= other["x"]


# How much it can take


@pytest.mark.nightly
def test_ten_thousand_changes_are_searched_at_once(opened: Open) -> None:
    """Hiding thousands of list items took Chromium minutes: it renumbered all for each of them."""
    fields = (FieldChange("maxWaitTime", 90, 120),)
    addresses = (Address("Skill", f"skill-{n}") for n in range(10_000))
    changes = tuple(Change(address, Action.UPDATE, fields=fields) for address in addresses)
    page = opened(Plan("10000001", changes, live=10_000))
    for words, count in (("skill-99", 111), ("skill-9", 1_111), ("", 10_000)):
        page.get_by_role("searchbox").fill(words)
        drawn = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        page.evaluate(drawn)
        assert page.get_by_role("status").inner_text() == f"{count} of 10000 shown"
