"""The hint after an unknown name: the name that was probably meant, or all that exist."""

import difflib
from collections.abc import Iterable

from lebots.core.quoting import quoted


def did_you_mean(name: object, known: Iterable[str], otherwise: str = "") -> str:
    """``; did you mean "..."?`` for the known name most like this one, else the other words."""
    return suggestion(closest(name, known), otherwise)


def closest(name: object, known: Iterable[str]) -> str:
    """The known name most like this one; empty where none is much like it."""
    by_folded = {candidate.casefold(): candidate for candidate in sorted(known, reverse=True)}
    text = name.casefold() if isinstance(name, str) else ""
    close = difflib.get_close_matches(text, by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""


def suggestion(meant: str, otherwise: str = "") -> str:
    """``; did you mean "..."?`` for a name found in another way, else the other words."""
    words = f"did you mean {quoted(meant)}?" if meant else otherwise
    return words and f"; {words}"
