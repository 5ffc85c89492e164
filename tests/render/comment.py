"""What is wrong with a comment, judged by rules that are not lebots's own.

A CommonMark parser says what a reader would see, the two rules of GitHub's runner say what it would
obey, and Unicode says what nobody would see.
"""

import re
import unicodedata
from collections.abc import Iterator
from html import unescape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark").enable("table")
"""CommonMark with HTML, and the tables of GitHub."""

SHORTENED = "**Shortened**"
BLANK = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u180b\u180c\u180d\u180f") | {
    chr(number) for number in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}
"""Seen as nothing or as a blank, though Unicode calls them letters, marks or symbols."""
_PLAIN = re.compile(r"[A-Za-z0-9._+\\ -]*")
_MARK = re.compile(r"<!-- lebots:[a-z]+:1( account=[A-Za-z0-9._+\\-]*)? -->\n")


def structure(text: str) -> list[Any]:
    """All that a comment shows outside of fences; code spans and the mark only if they are odd."""
    return [_seen(token) for token in PARSER.parse(text)]


def outline(text: str) -> list[Any]:
    """The kinds of blocks alone, for comments whose figures differ."""
    return [(token.type, token.tag, token.level, token.info) for token in PARSER.parse(text)]


def _seen(token: Token) -> Any:
    place = (token.type, token.tag, token.nesting, token.level, token.info)
    if token.type == "inline":
        return (*place, [_seen(child) for child in token.children or ()])
    inside = token.type == "fence"
    plain = token.type == "code_inline" and _PLAIN.fullmatch(token.content)
    mark = token.type == "html_block" and _MARK.fullmatch(token.content)
    return place if inside or plain or mark else (*place, token.content)


def dangers(text: str) -> list[str]:
    """What in a comment hides, links, mentions or is obeyed; empty where nothing does."""
    return [
        *(f"unseen: {character!r}" for character in sorted(set(text)) if _unseen(character)),
        *(f"live: {found!r}" for found in _live(text)),
        *(f"obeyed: {line!r}" for line in _lines(text) if old_command(line) or new_command(line)),
    ]


def _unseen(character: str) -> bool:
    if character in "\n ":
        return False
    return character in BLANK or unicodedata.category(character)[0] in "CZ"


def _live(text: str) -> Iterator[str]:
    """What a reader who decodes entities and folds letters takes for a mention or a link."""
    plain = unescape(unicodedata.normalize("NFKC", unescape(text)))
    # The number signs of lebots's own heading are followed by a blank.
    plain = plain.replace("### lebots ", "")
    yield from re.findall(r"[@#]|://|www\.|GH-|gh-\d", plain)


def _lines(text: str) -> list[str]:
    """Lines in the eyes of any reader, and in those of one who knows line feeds only."""
    return [*text.splitlines(), *text.split("\n")]


def new_command(line: str) -> str | None:
    """The command in a line by the rule of ``ActionCommand.TryParseV2`` of GitHub's runner.

    ``::name key=value::data`` at the start of a line, after trimming what Unicode calls space.
    """
    line = line.lstrip()
    if not line.startswith("::"):
        return None
    end = line.find("::", 2)
    return line[2:end].split(" ")[0] if end >= 0 else None


def old_command(line: str) -> str | None:
    """The command in a line by the rule of ``ActionCommand.TryParse``: ``##[name key=value]data``.

    It may stand anywhere. Azure DevOps obeys ``##vso[name]data``.
    """
    for prefix in ("##[", "##vso["):
        start = line.find(prefix)
        if start >= 0 and (end := line.find("]", start)) >= 0:
            return line[start + len(prefix) : end].split(" ")[0]
    return None
