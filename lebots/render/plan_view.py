"""What all parts of a drawn plan share: numbers, titles, markers, and places at the right."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lebots.core.model.address import Address, Source
from lebots.core.model.change import HARMFUL, REMOVALS, WRITES, Action, Change
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Plan
from lebots.render.escape import quoted, visible
from lebots.render.origins import grouped, origin, parted
from lebots.render.parts import parts_of

WIDTH = 92
PLACE_COLUMN = 66
"""Where places in files begin, unless one of them needs more room."""
_LONGEST_PLACE = WIDTH // 2
"""A place longer than this gets a line of its own."""
_LABEL = 20
"""Columns the words for kinds may take."""
_USERS = 5
"""Objects that are named of those which use another one."""
_RANGES = 3
"""Ranges of numbers that are told one by one."""
_INDENT = 8
"""Columns before what is said below an object."""

VERBS = {action: action.value for action in Action if action in WRITES}
"""The verbs that write, in the order they are counted."""
_SYMBOLS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.RENAME: "~",
    Action.DISABLE: "-",
    Action.DELETE: "-",
}


@dataclass(frozen=True)
class PlanView:
    """One plan on its way to paper; a change's number is its position in the apply."""

    plan: Plan
    kinds: Mapping[str, Kind]
    places: Mapping[Address, str] = field(default_factory=dict)
    """Where each secret that the plan yields will be, by the address of its object."""
    shown: Callable[[str], str] = str
    """What else visible text must go through where the sheet is posted."""
    width: int = WIDTH
    """Columns of a line, as far as the content allows."""

    @cached_property
    def numbered(self) -> tuple[tuple[int, Change], ...]:
        """The writing changes with their numbers."""
        return tuple(enumerate(self.plan.writes, start=1))

    @cached_property
    def created(self) -> Mapping[Address, int]:
        """The number of the change that makes each new object."""
        return {c.address: number for number, c in self.numbered if c.action is Action.CREATE}

    @cached_property
    def left_alone(self) -> tuple[Change, ...]:
        """What lebots sees and does not touch, and what it touches no more."""
        return tuple(
            change
            for change in self.plan.changes
            if change.action is Action.UNMANAGED
            or (change.action is Action.UNCHANGED and change.note)
        )

    @cached_property
    def parts(self) -> Mapping[Address, Address]:
        """By object: the bot it comes, goes or stops with."""
        return parts_of(self.plan.writes, self.kinds)

    @cached_property
    def parts_by_owner(self) -> Mapping[Address, Sequence[tuple[int, Change]]]:
        """By bot: the numbered changes of what comes, goes or stops with it."""
        found: dict[Address, list[tuple[int, Change]]] = {}
        for number, change in self.numbered:
            if owner := self.parts.get(change.address):
                found.setdefault(owner, []).append((number, change))
        return found

    @cached_property
    def by_origin(self) -> Mapping[str, list[tuple[int, Change]]]:
        """The numbered changes, each once, below words for where they come from.

        The words are empty where the plan was not compared with a base.
        """
        return grouped((origin(change), number, change) for number, change in self.numbered)

    @cached_property
    def differences(self) -> Mapping[str, list[tuple[int, Change]]]:
        """As ``by_origin``, but with every difference once: a change whose fields come from several
        places stands below each of them, with the fields from there.
        """
        return grouped(
            (where, number, part)
            for number, change in self.numbered
            for where, part in parted(change)
        )

    @cached_property
    def _numbers(self) -> Mapping[Address, tuple[int, ...]]:
        found: dict[Address, tuple[int, ...]] = {}
        for number, change in self.numbered:
            found[change.address] = (*found.get(change.address, ()), number)
        return found

    @cached_property
    def _verb_width(self) -> int:
        return max((len(VERBS[change.action]) for _, change in self.numbered), default=0)

    @cached_property
    def _label_width(self) -> int:
        widths = (len(self._label(change)) for _, change in self.numbered)
        return min(max(widths, default=0), _LABEL)

    def _label(self, change: Change) -> str:
        return self.shown(label(change.address, self.kinds))

    @cached_property
    def _place_column(self) -> int:
        lengths = (len(self.place(source)) for source in self._sources())
        longest = max((length for length in lengths if length <= _LONGEST_PLACE), default=0)
        return min(PLACE_COLUMN, self.width - longest)

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
        return f"  {self.number(number)} {symbol(change)} {self.action(change)}"

    def action(self, change: Change) -> str:
        """``create  key   "refunds"``, as wide as the widest verb and label."""
        verb = f"{VERBS.get(change.action, change.action):<{self._verb_width}}"
        return f"{verb}  {self._label(change):<{self._label_width}} {self.shown(_name(change))}"

    def title(self, change: Change) -> str:
        """``bot "refund-bot"``, and what it was called where it gets another name."""
        return f"{self._label(change)} {self.shown(_name(change))}"

    def part(self, owner: Change, part: Change) -> str:
        """``key``, with its name where that is not the owner's."""
        own = part.address.name == owner.address.name
        return self._label(part) if own else self.title(part)

    def left(self, change: Change) -> str:
        """``. bot "survey-bot"   id 3391   unmanaged``."""
        marker = "." if change.action is Action.UNMANAGED else "="
        known = f"   id {visible(change.id)}" if change.id else ""
        note = f"   {visible(change.note)}" if change.note else ""
        return f"{marker} {self.title(change)}{self.shown(known + note)}"

    def place(self, source: Source) -> str:
        """``manifests/bots.yaml:20``."""
        return self.shown(f"{visible(source.file)}:{source.line}")

    def placed(self, line: str, source: Source | None) -> str | None:
        """The line with the place at its right; None where there is no room."""
        lines = self.with_place(line, source)
        return lines[0] if len(lines) == 1 else None

    def with_place(self, line: str, source: Source | None) -> list[str]:
        """The line with the place at its right, or below where there is no room."""
        if source is None:
            return [line]
        place = self.place(source)
        column = max(self._place_column, len(line) + 2)
        if column + len(place) <= self.width:
            return [f"{line:<{column}}{place}"]
        return [line, " " * max(2, min(self._place_column, self.width - len(place))) + place]


def label(address: Address, kinds: Mapping[str, Kind]) -> str:
    """The word for the kind of an object."""
    return kinds[address.kind].label if address.kind in kinds else visible(address.kind)


def title(address: Address, kinds: Mapping[str, Kind]) -> str:
    """``bot "refund-bot"``."""
    return f"{label(address, kinds)} {quoted(address.name)}"


def used_by(view: PlanView, change: Change) -> Iterator[str]:
    """``used by: bot "a", bot "b" and 3 people``, wrapped; people are counted, not named."""
    known = [one for one in change.used_by if not one.note]
    named = [title(one.address, view.kinds) for one in known[:_USERS]]
    if more := len(known) - len(named):
        named.append(f"{more} more")
    if people := len(change.used_by) - len(known):
        named.append("1 person" if people == 1 else f"{people} people")
    *first, last = map(view.shown, named)
    words = [*(f"{name}," for name in first[:-1]), *first[-1:], f"and {last}" if first else last]
    line = f"used by: {words[0]}"
    for word in words[1:]:
        if len(line) + 1 + len(word) > view.width - _INDENT:
            yield line
            line = " " * len("used by:")
        line += f" {word}"
    yield line


def symbol(change: Change) -> str:
    """The marker of a change; ``!`` is for what nobody may overlook."""
    if change.action not in REMOVALS and (hurts(change) or unasked(change)):
        return "!"
    return _SYMBOLS[change.action]


def hurts(change: Change) -> bool:
    """Whether a change does harm."""
    return any(one.effect in HARMFUL for one in change.effects)


def unasked(change: Change) -> bool:
    """Whether fields of an existing object change that no manifest names."""
    return change.action is not Action.CREATE and any(part.note for part in change.fields)


def joined(words: list[str]) -> str:
    """``1, 2 and 3``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def counted(number: int, word: str, many: str = "") -> str:
    """``1 line``, ``2 lines``; ``many`` is the word for several where an s is not enough."""
    return f"{number} {word}" if number == 1 else f"{number} {many or word + 's'}"


def ranges(numbers: Sequence[int]) -> str:
    """``3, 11-20``; many of them are ``3 ... 50``."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][-1] + 1:
            found[-1] = [found[-1][0], number]
        else:
            found.append([number])
    if len(found) > _RANGES:
        return f"{min(numbers)} ... {max(numbers)}"
    return ", ".join("-".join(map(str, one)) for one in found)


def heading(change: Change, kinds: Mapping[str, Kind]) -> str:
    """``bot "refund-bot"``, and ``skill "old" -> "new"`` for a rename."""
    return f"{label(change.address, kinds)} {_name(change)}"


def _name(change: Change) -> str:
    name = quoted(change.address.name)
    return f"{quoted(change.was)} -> {name}" if change.was else name
