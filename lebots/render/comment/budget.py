"""How long a comment may be, and what is left out of one that is longer.

Sizes are bytes of UTF-8, never less than the characters a host counts. Whatever is left out, is so
at the border of an object: fences and folded parts stay closed, and words say how much is missing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha256
from sys import maxsize
from typing import TypeAlias

from lebots.render.comment.fence import fence, fence_length, fold


@dataclass(frozen=True, slots=True)
class Budget:
    """The most bytes one text may have on a host; at least 10,000."""

    name: str
    bytes: int


BUDGETS: Mapping[str, Budget] = {
    budget.name: budget
    for budget in (
        Budget("github", 60_000),
        Budget("github-summary", 900_000),
        Budget("gitlab", 900_000),
        Budget("bitbucket", 30_000),
        Budget("azure", 140_000),
        Budget("unknown", 30_000),
        Budget("none", maxsize),
    )
}
"""By host. The limits: 65,536 characters in a comment of GitHub, 1 MiB in a job summary, 1,000,000
characters in a note of GitLab, 32,768 on Bitbucket, 150,000 on Azure DevOps."""

GITHUB = BUDGETS["github"]

_ANY_NUMBER = 8
"""Digits no count of objects exceeds."""


@dataclass(frozen=True, slots=True)
class Part:
    """The lines about one object, which stay or go together."""

    lines: Sequence[str]
    turn: tuple[int, ...]
    """When it goes: the lowest first, and the last object first among equals."""
    instead: str
    """What is said in its place, once for all parts with the same words: ``and {} more``."""

    @property
    def size(self) -> int:
        """Bytes, with the line breaks."""
        return sum(_size(line) + 1 for line in self.lines)


@dataclass(frozen=True, slots=True)
class Block:
    """Parts in one fenced block; folded, where it has a summary."""

    info: str
    parts: Sequence[Part]
    summary: str = ""

    def drawn(self, left_out: AbstractSet[int]) -> str:
        """The block without the parts at these positions."""
        lines = [
            line
            for position, part in enumerate(self.parts)
            if position not in left_out
            for line in part.lines
        ]
        missing = Counter(self.parts[position].instead for position in sorted(left_out))
        lines += [instead.format(count) for instead, count in missing.items()]
        block = fence(self.info, lines, self._ticks)
        return fold(self.summary, block) if self.summary else block

    @property
    def _ticks(self) -> int:
        """The same whatever is left out, so that sizes add up."""
        return max((fence_length("\n".join(part.lines)) for part in self.parts), default=0)

    @property
    def reserve(self) -> int:
        """The most bytes the words for what is left out can take."""
        return sum(_size(words) + _ANY_NUMBER for words in {part.instead for part in self.parts})


Paragraph: TypeAlias = str | Block


def fitted(mark: str, body: Sequence[Paragraph], budget: Budget) -> str:
    """The comment, shortened where it must be; ``mark`` is its first line, which nobody sees."""
    whole = _joined(mark, body, {})
    size = _size(whole) + 1
    if size <= budget.bytes:
        return whole
    digest = sha256(f"{whole}\n".encode()).hexdigest()
    words = (
        f"**Shortened** to fit {budget.bytes:,} bytes. The whole text (`--budget none`) has "
        f"{size:,} bytes, SHA-256 `{digest}`."
    )
    room = budget.bytes - size - _size(words) - 2
    return _joined(f"{mark}\n{words}\n", body, _left_out(body, room))


_Places: TypeAlias = tuple[int, int]
"""Position of a block in the body, and of a part in the block."""


def _left_out(body: Sequence[Paragraph], room: int) -> Mapping[int, AbstractSet[int]]:
    """By position of a block: the positions of its parts that go."""
    parts = {
        (at, position): part
        for at, block in enumerate(body)
        if isinstance(block, Block)
        for position, part in enumerate(block.parts)
    }
    room -= sum(block.reserve for block in body if isinstance(block, Block))
    gone: list[_Places] = []
    for where in sorted(parts, key=lambda where: (parts[where].turn, -where[0], -where[1])):
        if room >= 0:
            break
        room += parts[where].size
        gone.append(where)
    found: dict[int, set[int]] = {}
    for where in reversed(gone):
        # One long part may have driven out short ones of its turn: what fits beside it comes back.
        if parts[where].turn == parts[gone[-1]].turn and parts[where].size <= room:
            room -= parts[where].size
        else:
            found.setdefault(where[0], set()).add(where[1])
    return found


def _joined(head: str, body: Sequence[Paragraph], left_out: Mapping[int, AbstractSet[int]]) -> str:
    drawn = [
        part.drawn(left_out.get(at, frozenset())) if isinstance(part, Block) else part
        for at, part in enumerate(body)
    ]
    return f"{head}\n" + "\n\n".join(drawn)


def _size(text: str) -> int:
    return len(text.encode())
