"""Characters refused in text that people review: with them it does not read as it is (T16)."""

import re
import unicodedata

_ASCII_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINES = frozenset("\u2028\u2029")
_MARK = "\ufeff"
_REFUSED_CATEGORIES = frozenset({"Cc", "Cn", "Cs"})


def refused(text: str) -> frozenset[str]:
    """The characters of ``text`` that are refused; line feed and tab are fine."""
    if text.isascii():
        return frozenset(_ASCII_CONTROLS.findall(text))
    return frozenset(char for char in set(text) if not char.isprintable() and _is_refused(char))


def explain(char: str) -> str:
    """What a refused character does, with its code point in place of itself."""
    if char == "\r":
        return "a carriage return (U+000D) without a line feed; end lines with a line feed"
    return f"the character U+{ord(char):04X} {_effect(char)}; remove it"


def _is_refused(char: str) -> bool:
    if char in "\n\t":
        return False
    special = char in _BIDI or char in _LINES or char == _MARK
    return special or unicodedata.category(char) in _REFUSED_CATEGORIES


def _effect(char: str) -> str:
    if char in _BIDI:
        return "changes the direction of the text around it"
    if char in _LINES:
        return "is a hidden line break"
    if char == _MARK:
        return "is an invisible byte order mark"
    category = unicodedata.category(char)
    return {"Cc": "is a control character", "Cs": "is half a character"}.get(
        category, "is not assigned to anything"
    )
