"""A manifest file's text for showing: personal values (``Field.personal``) are not in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from lebots.core.model.kind import Field, Kind
from lebots.core.model.value import Path
from lebots.files.yaml.yaml_walk import steps

_HIDDEN = "(personal, not shown)"
_HIDDEN_ANEW = "(personal, not shown, written in another way)"
_MARK = "\ufeff"


class _Span(NamedTuple):
    start: int
    end: int
    value: tuple[int, Path]
    """The document, counted from 0, and the path there."""


def without_personal(before: str, after: str, kinds: Sequence[Kind]) -> tuple[str, str]:
    """Both texts of the same documents, of these kinds, with words in place of personal values.

    The words differ where the values are written in different ways, so that a difference stays one.
    """
    mark = _MARK if before.startswith(_MARK) else ""
    before = before.removeprefix(_MARK)
    old, new = _spans(before, kinds), _spans(after, kinds)
    raw = {span.value: before[span.start : span.end] for span in old}
    same = {span.value for span in new if raw[span.value] == after[span.start : span.end]}
    words = {span.value: _HIDDEN if span.value in same else _HIDDEN_ANEW for span in new}
    return mark + _replaced(before, old, {}), _replaced(after, new, words)


def _spans(text: str, kinds: Sequence[Kind]) -> list[_Span]:
    patterns = [[("spec", *path) for path in _personal(kind.fields)] for kind in kinds]
    return [
        _Span(step.start, step.end, (step.document, step.path))
        for step in steps(text)
        if step.is_leaf and any(_matches(one, step.path) for one in patterns[step.document])
    ]


def _personal(fields: Iterable[Field]) -> Iterator[Path]:
    """The paths of personal fields below ``spec``; ``*`` stands for every item."""
    for part in fields:
        if part.personal:
            yield (part.name,)
        yield from ((part.name, "*", *path) for path in _personal(part.fields))


def _matches(pattern: Path, path: Path) -> bool:
    """Whether the path leads to or below what the pattern is about."""
    return len(pattern) <= len(path) and all(
        part in ("*", step) for part, step in zip(pattern, path, strict=False)
    )


def _replaced(text: str, spans: Iterable[_Span], words: Mapping[tuple[int, Path], str]) -> str:
    """The text with as many lines as before."""
    parts, end = [], 0
    for span in spans:
        lines = "\n" * text.count("\n", span.start, span.end)
        parts += [text[end : span.start], words.get(span.value, _HIDDEN), lines]
        end = span.end
    return "".join([*parts, text[end:]])
