"""YAML's grammar as libyaml reads it, its errors in words of our own.

The parser's own text quotes lines of the file, and so whatever stands there (T06); from an error
only its place and its fixed problem phrase are used.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import yaml

from lebots.errors import UsageError

LOADER: Any = getattr(yaml, "CSafeLoader", None)
_TOO_DEEP = "exceeded maximum nesting depth"

_NOT_YAML = "this is not valid YAML"
_OPENING = frozenset(
    {
        "found unexpected end of stream",
        "found unexpected document indicator",
        "did not find expected ',' or ']'",
        "did not find expected ',' or '}'",
        "could not find expected ':'",
    }
)
"""Problems that are understood best where the construct began."""

_INDENTATION = "this line does not fit the lines above it; check its indentation and its quotes"
_PHRASES = {
    "mapping values are not allowed": 'a ":" is not expected here; quote text that holds one, '
    "or check the indentation",
    "could not find expected ':'": 'this line needs ":" after its field name, or must be indented',
    "did not find expected key": _INDENTATION,
    "did not find expected '-' indicator": "this line does not belong to the list above it; begin "
    'it with "- " in the same column',
    "did not find expected ',' or": "the bracket opened here is not closed, a comma is missing, or "
    "text that holds a bracket is not quoted",
    "found unexpected": "the quote opened here is not closed",
    "found unknown escape character": "there is no such escape; write \\\\ for a backslash, or use "
    "single quotes",
    "found invalid Unicode character escape": "this escape stands for no character; write the "
    "character itself",
    "did not find expected hexdecimal number": "this escape needs more hexadecimal digits",
    "block sequence entries are not allowed": "a list begins on a line of its own",
    "did not find expected node content": "a value is expected here",
    "did not find expected <document start>": "the document ended before this; begin the next "
    "one with a line ---",
    "found a tab character": "tabs do not indent; use spaces",
    "did not find expected alphabetic": "& and * begin something else in YAML; quote the text",
    "did not find the expected '>'": "tags are not used in manifests; remove it, or quote the text",
    "found undefined tag handle": "tags are not used in manifests; remove it",
    "did not find expected comment or line break": "after | or > comes a line break; the text "
    "begins on the next line",
}
_STARTS = {
    "\t": "tabs do not indent; use spaces",
    "%": "directives such as %YAML are not used; remove the line, or quote the text",
}
_NO_START = "text cannot begin with this character; quote it"


def require_libyaml() -> None:
    """Refuses PyYAML's own parser, which takes other texts for YAML than libyaml does."""
    if LOADER is None:
        raise UsageError(
            "PyYAML was built without libyaml here, and reads YAML differently; install a wheel: "
            "pip install --force-reinstall --only-binary :all: pyyaml"
        )


def events(text: str) -> Iterator[Any]:
    """The parser's events up to any depth that a limit of ours allows.

    libyaml looks ahead, and from 0.2.6 on refuses the 1,001st level before it tells of the first.
    Then what stands before that level is parsed again, and tells of the others.
    """
    told = 0
    try:
        for event in yaml.parse(text, Loader=LOADER):
            told += 1
            yield event
    except yaml.MarkedYAMLError as error:
        if error.problem != _TOO_DEEP or error.problem_mark is None:
            raise
        before = text[: error.problem_mark.index]
        yield from islice(yaml.parse(before, Loader=LOADER), told, None)


def describe(error: Exception, chunk: str) -> tuple[int, int, str]:
    """Line and column (from 0, within ``chunk``) and words for what the parser stumbled over."""
    problem = str(getattr(error, "problem", "") or "")
    mark = getattr(error, "problem_mark", None)
    if problem in _OPENING or mark is None:
        mark = getattr(error, "context_mark", None) or mark
    if mark is None:
        return 0, 0, _NOT_YAML
    if (directive := _directive(chunk)) is not None:
        return directive, 0, _STARTS["%"]
    if "cannot start any token" in problem:
        return mark.line, mark.column, _character(chunk, mark.line, mark.column)
    words = next((w for begin, w in _PHRASES.items() if problem.startswith(begin)), _NOT_YAML)
    return mark.line, mark.column, words


def _directive(chunk: str) -> int | None:
    lines = chunk.split("\n", 100)[:100]
    return next((number for number, line in enumerate(lines) if line.startswith("%")), None)


def _character(chunk: str, line: int, column: int) -> str:
    text = chunk.split("\n", line + 1)[line]
    return _STARTS.get(text[column : column + 1], _NO_START)
