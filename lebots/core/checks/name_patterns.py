"""Matches names with patterns: what is protected, what is in scope, and what is imported.

Two names are the same here if a person could take one for the other's spelling: whatever their
case, width, composition, surrounding blanks and characters that nobody sees. That is wider than
``normalise.canonical``, which pairs a manifest with its live object and must not guess: a guard
that is unsure guards. What gives leave to remove something asks ``spelled`` in addition.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from lebots.core.compare.rotated_names import given_away
from lebots.core.model.address import Address

ANY = "*"
"""Stands for any text in a pattern; nothing else in one is special."""

_IGNORABLE = (
    # Default_Ignorable_Code_Point of Unicode 16, which Python does not tell, and the empty Braille.
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
_UNSEEN = frozenset({"Cf", "Cc"})
"""Categories of characters that format or control and have no look of their own."""


def fits(pattern: str, name: str) -> bool:
    """Whether a name is one that a pattern means, in any spelling of either."""
    return _matches(plain(pattern), plain(name))


def spelled(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern letter by letter, as both are written."""
    return _matches(pattern, name)


def protecting(patterns: Iterable[str], *addresses: Address) -> list[str]:
    """The patterns (``Kind/name``) that protect an object known under any of these addresses.

    What a rotation left behind is protected along with the object it gave its name to.
    """
    known = known_as(*addresses)
    return [one for one in patterns if any(_guards(one, address) for address in known)]


def known_as(*addresses: Address) -> set[Address]:
    """The addresses in plain form, and those that their objects may have given away."""
    names = {(address.kind, plain(address.name)) for address in addresses}
    return {Address(kind, one) for kind, name in names for one in (name, *given_away(name))}


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """The form that all spellings of a name share; plain already, it stays as it is."""
    if name.isascii() and name.isprintable():
        return name.strip().casefold()
    before = None
    while before != name:
        before = name
        seen = "".join(filter(None, map(_shown, unicodedata.normalize("NFKD", name))))
        name = seen.casefold().strip()
    return name


def is_invisible(char: str) -> bool:
    """Whether nobody sees the character, blanks aside."""
    if char.isspace():
        return False
    point = ord(char)
    if unicodedata.category(char) in _UNSEEN:
        return True
    return any(first <= point <= last for first, last in _IGNORABLE)


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    if char.isspace():
        return " "
    return "" if is_invisible(char) else char


def _guards(pattern: str, address: Address) -> bool:
    kind, _, name = pattern.partition("/")
    return fits(kind, address.kind) and fits(name, address.name)


def _matches(pattern: str, text: str) -> bool:
    """Whether a text fits from end to end; each part of the text is looked at once."""
    first, *others = pattern.split(ANY)
    if not others:
        return pattern == text
    *middle, last = others
    at, end = len(first), len(text) - len(last)
    if at > end or not (text.startswith(first) and text.endswith(last)):
        return False
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
