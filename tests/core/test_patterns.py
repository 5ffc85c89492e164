"""Which names a pattern means, in whatever spelling, and that it is never slow to tell."""

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.checks.name_patterns import (
    fits,
    is_invisible,
    known_as,
    plain,
    protecting,
    spelled,
)
from tests.spellings import FORMS, UNSEEN, spellings
from tests.toys import at, law

NAMES = (
    "team-vip",
    "Straße 7",
    "Café Ölberg",
    "ﬁne №1",
    "日本-ボット",
    "ΣΊΣΥΦΟΣ",
    "한국 봇",
    "a.b[c]?",
)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("faq", "faq", True),
        ("faq", "faq-2", False),
        ("faq", "my-faq", False),
        ("faq-*", "faq-2", True),
        ("faq-*", "faq-", True),
        ("*-faq", "my-faq", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*bb*b", "abb", False),
        ("**", "", True),
        ("*", "", True),
        ("", "", True),
        ("", "a", False),
        ("*bot*", "a bot\nb", True),
        ("a?", "ab", False),
        ("[ab]", "a", False),
        ("[ab]", "[ab]", True),
        ("a.c", "abc", False),
    ],
)
def test_a_pattern_has_one_sign_for_any_text(pattern: str, name: str, expected: bool) -> None:
    assert fits(pattern, name) is spelled(pattern, name) is expected


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_name_fits_in_any_spelling_on_either_side(form: Callable[[str], str]) -> None:
    for name in ("team-vip", "Team-VIP"):
        assert plain(form(name)) == "team-vip"
        assert fits("TEAM-*", form(name))
        assert fits(form("team-*"), name)
        assert not fits("tea-*", form(name))


@law
@given(st.sampled_from(NAMES), st.data())
def test_every_spelling_of_a_name_is_that_name(name: str, data: st.DataObject) -> None:
    one, other = data.draw(spellings(name)), data.draw(spellings(name))
    assert plain(one) == plain(other) == plain(name)
    assert fits(one, other)


@law
@given(st.text(max_size=12), st.text(max_size=12))
def test_names_that_differ_to_the_eye_stay_apart(one: str, other: str) -> None:
    """What is the same by Unicode's own rule is the same here; the rest is unseen characters."""
    same = plain(one) == plain(other)
    if folded(one) == folded(other):
        assert same
    if same:
        assert folded(seen(one)) == folded(seen(other))


def folded(text: str) -> str:
    for _ in range(3):
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
    return text


def seen(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(" " if c.isspace() else c for c in apart if not is_invisible(c))


def test_the_form_is_a_fixed_point_for_every_character() -> None:
    """Whatever the machine's Unicode knows; the form of a form is itself."""
    for char in map(chr, (*range(0x20000), *range(0xE0000, 0xE1000))):
        form = plain(char)
        assert plain(form) == form
        assert plain(unicodedata.normalize("NFKC", char)) == form


def test_what_nobody_sees() -> None:
    assert all(map(is_invisible, UNSEEN))
    assert not any(map(is_invisible, "aé日 \t\u00a0\u3000🎉-*"))


@law
@given(st.text("ab*", max_size=9), st.text("ab", max_size=9))
def test_a_pattern_means_what_its_letters_say(pattern: str, name: str) -> None:
    """As by the plain definition, letter for letter."""

    def fit(at: int, of: int) -> bool:
        if at == len(pattern):
            return of == len(name)
        if pattern[at] == "*":
            return any(fit(at + 1, end) for end in range(of, len(name) + 1))
        return of < len(name) and pattern[at] == name[of] and fit(at + 1, of + 1)

    assert fits(pattern, name) is spelled(pattern, name) is fit(0, 0)


@pytest.mark.parametrize("pattern", ["*" * 200, "*a" * 200, "a*" * 200, "*ab" * 200], ids=len)
@pytest.mark.parametrize("name", ["a" * 128 + "b", "a" * 20_000 + "c", "ab" * 10_000], ids=len)
def test_no_pattern_is_slow(pattern: str, name: str) -> None:
    started = time.process_time()
    for last in ("", "x", "*x"):
        fits(pattern + last, name)
    assert time.process_time() - started < 0.5


# Of protected addresses


@pytest.mark.parametrize(
    ("pattern", "address", "expected"),
    [
        ("Shelf/vip", "Shelf/VIP\u200b", True),
        ("Shelf/vip", "Book/vip", False),
        ("*/vip", "Book/vip", True),
        ("Shelf/a/b", "Shelf/a/b", True),
        ("Ticket/ann", "Ticket/Ann.rotated-t-111111", True),
        ("Ticket/ann", "Ticket/Ann.ROTATED-\u200bt-1", True),
        ("Ticket/ann", "Ticket/Ann.rotated-1.rotated-2", True),
        ("Ticket/ann.rotated-1", "Ticket/Ann.rotated-1.rotated-2", True),
        ("Ticket/ann", "Ticket/Ann.lost", False),
        ("Ticket/", "Ticket/.rotated-1", False),
    ],
)
def test_a_protected_address(pattern: str, address: str, expected: bool) -> None:
    assert protecting([pattern, "Room/none"], at(address)) == ([pattern] if expected else [])


def test_an_object_is_protected_under_any_of_its_addresses() -> None:
    found = protecting(["Shelf/new", "Shelf/old", "Shelf/x"], at("Shelf/New"), at("Shelf/Old"))
    assert found == ["Shelf/new", "Shelf/old"]


def test_what_an_object_is_known_as() -> None:
    assert known_as(at("Ticket/Ann.rotated-1")) == {at("Ticket/ann.rotated-1"), at("Ticket/ann")}
