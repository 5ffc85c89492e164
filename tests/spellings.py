"""Other spellings of a name, which a person could not tell from it or would take for it."""

import unicodedata
from collections.abc import Callable

from hypothesis import strategies as st

UNSEEN = (
    *"\u200b\u200c\u200d\u200e\u2060\u2062\u2069\u202e\ufeff\u00ad\u034f\u061c\u115f\u180e\u17b4",
    *"\u3164\uffa0\ufe00\ufe0f\ufff0\U0001bca0\U0001d173\U000e0001\U000e0041\U000e0100\x00\x7f",
)
"""At least one of each range of characters that Unicode says to ignore, and controls."""
_BLANKS = " \t\u00a0\u3000\u2003\u2028"


def wide(name: str) -> str:
    """The name in full-width letters, as an Asian keyboard types them."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and c != "*" else c for c in name)


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "capitals": str.upper,
    "full width": wide,
    "zero width space after it": lambda name: f"{name}\u200b",
    "byte order mark before it": lambda name: f"\ufeff{name}",
    "soft hyphen within": lambda name: f"{name[:2]}\u00ad{name[2:]}",
    "variation selector": lambda name: f"{name[:1]}\ufe0f{name[1:]}",
    "bidi control": lambda name: f"\u202a{name}\u202c",
    "tag": lambda name: f"{name}\U000e0061",
    "blanks around it": lambda name: f" \u00a0{name}\u3000",
    "all at once": lambda name: f" \ufeff{wide(name.upper())}\u200b ",
}
"""One representative of each way to write a name otherwise."""


def _apart(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)


_CHANGES: list[Callable[[str], str]] = [str, str, str.upper, str.swapcase, wide, _apart]


@st.composite
def spellings(draw: st.DrawFn, name: str) -> str:
    """Any spelling of a name: case, width and composition by letter, unseen characters, blanks."""
    letters = []
    for letter in name:
        change = draw(st.sampled_from(_CHANGES))
        letters.append(change(letter) + draw(st.sampled_from(["", "", "", *UNSEEN])))
    around = st.text(st.sampled_from([*_BLANKS, *UNSEEN]), max_size=3)
    return draw(around) + "".join(letters) + draw(around)
