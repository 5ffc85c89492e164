r"""Untrusted text in a comment of a code host (threats T12, T13 and T14).

It stands in fenced blocks, between fences longer than any run of backticks in it. Mail programs and
bots read a comment anew as plain text, so that code formatting stops no mention and no link: these
are broken by a visible escape such as ``\u0040`` too.
"""

import re
from collections.abc import Iterable
from html import unescape
from unicodedata import normalize

from lebots.core.quoting import escaped

_LIVE = re.compile(
    r"[@\ufe6b\uff20#\ufe5f\uff03]"  # mentions and issues, in all forms a reader takes for them
    r"|[:\ufe13\ufe55\uff1a](?=[/\uff0f]{2})|(?<=[Ww]{3})[.\u2024\ufe52\uff0e]"  # addresses
    r"|(?<=[Gg\uff27\uff47][Hh\uff28\uff48])[-\ufe63\uff0d](?=\d)|(?<=GH)-"  # issues of GitHub
    r"|[&\ufe60\uff06]"  # what stands for any of these in HTML
    r"|(?<=`{9})`"  # a longer run would make fences that fit no comment
)
_ENTITY = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")
_LONGEST_ENTITY = 40
_UNSAFE_INLINE = re.compile(r"[^A-Za-z0-9._+-]")
_LONGEST_INLINE = 100


def neutralised(text: str) -> str:
    """Visible text (``lebots.render.escape``) in which nothing mentions, links or closes."""
    return _LIVE.sub(_broken, text)


def fence(info: str, lines: Iterable[str], ticks: int = 0) -> str:
    """A fenced block that no line in it can close; ``ticks`` is the least length of its fences."""
    body = "".join(f"{line}\n" for line in lines)
    fences = "`" * max(ticks, fence_length(body))
    return f"{fences}{info}\n{body}{fences}"


def fence_length(body: str) -> int:
    """One more than the longest run of backticks, and at least three."""
    return max(3, 1 + max(map(len, re.findall("`+", body)), default=0))


def inline(text: str) -> str:
    """A short text as a code span of letters, digits and ``.``, ``_``, ``+``, ``-`` only."""
    return f"`{plain(text)}`"


def plain(text: str) -> str:
    """The text with every character escaped that could mean anything outside a fence."""
    shown = neutralised(_UNSAFE_INLINE.sub(lambda match: escaped(match[0]), text))
    more = len(shown) - _LONGEST_INLINE
    return shown if more <= 0 else f"{shown[:_LONGEST_INLINE]}+{more}"


def fold(summary: str, content: str) -> str:
    """A part that is closed until somebody opens it."""
    return f"<details><summary>{summary}</summary>\n\n{content}\n\n</details>"


def _broken(match: re.Match[str]) -> str:
    found = match[0]
    if normalize("NFKC", found) == "&" and not _is_entity(match.string, match.start()):
        return found
    return escaped(found)


def _is_entity(text: str, start: int) -> bool:
    following = normalize("NFKC", text[start : start + _LONGEST_ENTITY])
    entity = _ENTITY.match(following)
    return entity is not None and unescape(entity[0]) != entity[0]
