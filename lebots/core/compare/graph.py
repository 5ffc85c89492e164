"""Puts objects in order after what they depend on, and finds circles."""

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, Protocol, TypeVar


class _Sortable(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...

    def __hash__(self) -> int: ...


_Node = TypeVar("_Node", bound=_Sortable)


def circle(waits: Mapping[_Node, Collection[_Node]]) -> list[tuple[_Node, _Node]]:
    """The first circle as pairs of one that waits and what it waits for; empty: there is none."""
    try:
        TopologicalSorter({one: sorted(waits[one]) for one in sorted(waits)}).prepare()
    except CycleError as error:
        nodes: list[_Node] = error.args[1]
        return [(waiter, target) for target, waiter in pairwise(nodes)]
    return []


def in_order(
    waits: Mapping[_Node, Collection[_Node]], rank: Callable[[_Node], _Sortable]
) -> Iterator[_Node]:
    """Each node after those it waits for, and otherwise by rank; there must be no circle."""
    sorter = TopologicalSorter(waits)
    sorter.prepare()
    ready: list[tuple[_Sortable, _Node]] = []
    while sorter.is_active():
        for node in sorter.get_ready():
            heapq.heappush(ready, (rank(node), node))
        node = heapq.heappop(ready)[1]
        yield node
        sorter.done(node)
