"""What an unquoted word of YAML means here: JSON's words and numbers, else text.

YAML 1.1, YAML 1.2 and JSON read ``no``, ``010`` or ``12:30`` in different ways. Where they disagree
nothing is guessed: the word is refused with what to write instead.
"""

import math
import re
from functools import lru_cache

from lebots.core.model.value import Value

MAX_DIGITS = 18
_MAX_SHOWN = 6
"""Longer words are not repeated in messages: they could be a secret in the wrong place."""

_EXACT: dict[str, Value] = {"true": True, "false": False, "null": None}
_WORDS = {
    **dict.fromkeys(("y", "yes", "on", "true"), "true"),
    **dict.fromkeys(("n", "no", "off", "false"), "false"),
    **dict.fromkeys(("~", "null"), "null"),
}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+][0-9]+)?")
_SURPRISES = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (
            r"[-+]?0[xX][0-9a-fA-F_]+",
            "a hexadecimal number: write it in decimal digits, or {quote}",
        ),
        (r"[-+]?0[oO][0-7_]+", "an octal number: write it in decimal digits, or {quote}"),
        (r"[-+]?0[bB][01_]+", "a binary number: write it in decimal digits, or {quote}"),
        (
            r"[-+]?0[0-9_]+",
            "a leading zero means base 8 to some readers: {quote}, or leave the zero out",
        ),
        (
            r"[-+]?[0-9][0-9_]*",
            "a number is written with digits only: drop the sign or _, or {quote}",
        ),
        (
            r"[-+]?[0-9][0-9_]*(:[0-9]{1,2})+(\.[0-9_]*)?",
            "digits and colons are a base 60 number to some readers: {quote}",
        ),
        (
            r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}.*)?",
            "a date is not text to some readers: {quote}",
        ),
        (r"[-+]?\.(?i:inf|nan)", "not a number that can be used: {quote} if it is text"),
        (
            r"-?(0|[1-9][0-9]*)\.[0-9]+[eE][0-9]+",
            "an exponent without a sign is text to some readers: write it as in 1.5e+3, or {quote}",
        ),
        (
            r"[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*\.?[0-9_]*)([eE][-+]?[0-9]+)?",
            "a number needs digits on both sides of one point, as in 0.5: write it so, or {quote}",
        ),
    )
)


@lru_cache(maxsize=4096)
def plain(word: str) -> tuple[Value, str]:
    """The value of an unquoted word, and what is wrong with it (empty where nothing is)."""
    if not word:
        return None, "the value is missing: write it, write null, or leave the field out"
    if word[0] in "+-.0123456789":
        return _number(word)
    if word in _EXACT:
        return _EXACT[word], ""
    if meant := _WORDS.get(word.lower()):
        return None, f"write {meant}, or {_quote(word)}"
    if word in ("=", "<<"):
        return None, f"this has a meaning of its own in YAML: {_quote(word)}"
    return word, ""


def is_text(word: str) -> bool:
    """Whether the unquoted word would be read as the very same text."""
    value, complaint = plain(word)
    return isinstance(value, str) and not complaint


def _number(word: str) -> tuple[Value, str]:
    if _INTEGER.fullmatch(word):
        if len(word.lstrip("-")) > MAX_DIGITS:
            return None, f"a number has at most {MAX_DIGITS} digits: quote it if it is text"
        return int(word), ""
    if _FLOAT.fullmatch(word):
        value = float(word)
        return (value, "") if math.isfinite(value) else (None, "the number is too large")
    for pattern, words in _SURPRISES:
        if pattern.fullmatch(word):
            return None, words.format(quote=_quote(word))
    return word, ""


def _quote(word: str) -> str:
    return f'quote it: "{word}"' if len(word) <= _MAX_SHOWN else "quote it"
