"""What all parts of a drawn plan share: numbers, titles, markers, and places at the right."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lebots.core.kind import Kind
from lebots.core.model import Action, Address, Change, Plan, Source
from lebots.render.escape import quoted, visible

WIDTH = 92
PLACE_COLUMN = 66
"""Where places in files begin, unless one of them needs more room."""
_LONGEST_PLACE = WIDTH // 2
"""A place longer than this gets a line of its own."""

VERBS = {
    Action.CREATE: "create",
    Action.UPDATE: "change",
    Action.RENAME: "rename",
    Action.DISABLE: "disable",
    Action.DELETE: "remove",
}
_SYMBOLS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.RENAME: "~",
    Action.DISABLE: "-",
    Action.DELETE: "-",
}


@dataclass(frozen=True)
class Sheet:
    """One plan on its way to paper; a change's number is its position in the apply."""

    plan: Plan
    kinds: Mapping[str, Kind]
    places: Mapping[Address, str] = field(default_factory=dict)
    """Where each secret that the plan yields will be, by the address of its object."""

    @cached_property
    def numbered(self) -> tuple[tuple[int, Change], ...]:
        """The writing changes with their numbers."""
        return tuple(enumerate(self.plan.writes, start=1))

    @cached_property
    def created(self) -> Mapping[Address, int]:
        """The number of the change that makes each new object."""
        return {c.address: number for number, c in self.numbered if c.action is Action.CREATE}

    @cached_property
    def _numbers(self) -> Mapping[Address, tuple[int, ...]]:
        found: dict[Address, tuple[int, ...]] = {}
        for number, change in self.numbered:
            found[change.address] = (*found.get(change.address, ()), number)
        return found

    @cached_property
    def _verb_width(self) -> int:
        return max((len(VERBS[c.action]) for _, c in self.numbered), default=0)

    @cached_property
    def _label_width(self) -> int:
        return max((len(label(c.address, self.kinds)) for _, c in self.numbered), default=0)

    @cached_property
    def _place_column(self) -> int:
        lengths = (len(_place(source)) for source in self._sources())
        longest = max((length for length in lengths if length <= _LONGEST_PLACE), default=0)
        return min(PLACE_COLUMN, WIDTH - longest)

    def _sources(self) -> Iterator[Source]:
        for change in self.plan.writes:
            yield from (s for s in (change.source, *(p.source for p in change.fields)) if s)

    def number(self, number: int) -> str:
        """A number, as wide as the widest."""
        return f"{number:>{len(str(len(self.numbered)))}}"

    def needs(self, number: int, change: Change) -> list[int]:
        """The numbers of the earlier changes this one waits for."""
        numbers = {n for address in change.depends_on for n in self._numbers.get(address, ())}
        return sorted(earlier for earlier in numbers if earlier < number)

    def head(self, number: int, change: Change) -> str:
        """``  3 ! create  key   "refunds"``."""
        name = f"{label(change.address, self.kinds):<{self._label_width}} "
        return (
            f"  {self.number(number)} {symbol(change)} {VERBS[change.action]:<{self._verb_width}}  "
            f"{name}{quoted(change.address.name)}"
        )

    def placed(self, line: str, source: Source | None) -> str | None:
        """The line with the place at its right; None where there is no room."""
        if source is None:
            return line
        place = _place(source)
        column = max(self._place_column, len(line) + 2)
        return f"{line:<{column}}{place}" if column + len(place) <= WIDTH else None

    def with_place(self, line: str, source: Source | None) -> list[str]:
        """The line with the place at its right, or below where there is no room."""
        if placed := self.placed(line, source):
            return [placed]
        if source is None:
            return [line]
        place = _place(source)
        return [line, " " * max(2, min(self._place_column, WIDTH - len(place))) + place]


def label(address: Address, kinds: Mapping[str, Kind]) -> str:
    """The word for the kind of an object."""
    return kinds[address.kind].label if address.kind in kinds else visible(address.kind)


def title(address: Address, kinds: Mapping[str, Kind]) -> str:
    """``bot "refund-bot"``."""
    return f"{label(address, kinds)} {quoted(address.name)}"


def symbol(change: Change) -> str:
    """The marker of a change; ``!`` is for what nobody may overlook."""
    if change.sink or unasked(change):
        return "!"
    return _SYMBOLS[change.action]


def unasked(change: Change) -> bool:
    """Whether fields of an existing object change that no manifest names."""
    return change.action is not Action.CREATE and any(part.note for part in change.fields)


def joined(words: list[str]) -> str:
    """``1, 2 and 3``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def counted(number: int, word: str) -> str:
    """``1 line``, ``2 lines``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _place(source: Source) -> str:
    return f"{visible(source.file)}:{source.line}"
