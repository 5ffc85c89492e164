"""Names that are different but look the same, or hide a character (F04, T16)."""

import re
import unicodedata

from lebots.core.checks.name_patterns import is_invisible
from lebots.core.model.address import canonical

_SHORTEST = 4
_DIGITS = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]+")
_CONFUSABLE = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC"})
"""Scripts with letters of the same shape; others mix with Latin in honest names."""
_TWINS = str.maketrans(
    "\u0430\u0441\u0501\u0435\u04bb\u0456\u0458\u04cf\u043e\u0440\u051b\u0455\u051d"
    "\u0445\u0443\u0410\u0412\u0415\u0417\u041d\u0406\u0408\u041a\u041c\u041e\u0420"
    "\u0405\u0422\u0425\u0423"
    "\u03b1\u03b3\u03b9\u03bd\u03bf\u03c1\u03c5\u0391\u0392\u0395\u0396\u0397\u0399"
    "\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u0555\u0585",
    "acdehijlopqswxyABE3HIJKMOPSTXYayivopuABEZHIKMNOPTYXOo",
)
"""Cyrillic, Greek and Armenian letters by the Latin ones they look like."""


def suspicion(name: str) -> str:
    """What could mislead a reader of the name; empty where nothing does."""
    hidden = next((char for char in name if unicodedata.category(char) == "Cf"), "")
    if hidden:
        return f"the name holds the invisible character U+{ord(hidden):04X}; remove it"
    for word in _LETTERS.findall(name):
        scripts = sorted({_script(char) for char in word} & _CONFUSABLE)
        if len(scripts) > 1:
            mix = " and ".join(script.capitalize() for script in scripts)
            return f"the name mixes {mix} letters in one word, which can look alike; use one script"
    return ""


def skeleton(name: str) -> str:
    """A form that names of the same look share."""
    visible = "".join(char for char in name if not is_invisible(char))
    return unicodedata.normalize("NFKC", visible).translate(_TWINS).casefold()


def _script(char: str) -> str:
    return "LATIN" if char.isascii() else unicodedata.name(char, "").partition(" ")[0]


def typo_forms(name: str) -> frozenset[str]:
    """Forms of which two names share one where a single slip of the keyboard parts them.

    Short names give none: they are all alike.
    """
    text = canonical(name)
    if len(text) < _SHORTEST:
        return frozenset()
    return frozenset((text, *(text[:i] + text[i + 1 :] for i in range(len(text)))))


def same_digits(one: str, other: str) -> bool:
    """Whether two names hold the same digits; where not, they differ on purpose (bot-1, bot-2)."""
    return _DIGITS.findall(one) == _DIGITS.findall(other)
