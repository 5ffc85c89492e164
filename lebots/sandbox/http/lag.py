"""Lists that lag behind writes: earlier states of collections, kept while a fault asks for them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from lebots.sandbox.objects.fields import Json
from lebots.sandbox.objects.resource import Context, Resource


@dataclass(frozen=True)
class Snapshot:
    """A collection as it was before one write, deleted objects included."""

    objects: list[Json]
    revision: int
    written_at: float
    lists_before: int


class History:
    """What lists that lag show. Writes past the API are not held back."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._snapshots: dict[str, list[Snapshot]] = defaultdict(list)
        self._lists: dict[str, int] = defaultdict(int)

    def clear(self) -> None:
        """Lets every list show the present."""
        self._snapshots.clear()
        self._lists.clear()

    def snapshot(self, resource: Resource) -> Snapshot:
        """The collection as it is now, to be kept if the write that follows succeeds."""
        context, name = self._context, resource.collection
        objects = list(context.store.all(name, deleted=True))
        return Snapshot(objects, context.revision(resource), context.now(), self._lists[name])

    def keep(self, resource: Resource, snapshot: Snapshot) -> None:
        """Notes the state before a write that succeeded."""
        self._snapshots[resource.collection].append(snapshot)

    def seen(self, resource: Resource, seconds: float, lists: int) -> Snapshot | None:
        """What a list shows that lags so far behind; None: the present."""
        name, now = resource.collection, self._context.now()
        hidden = (
            snapshot
            for snapshot in self._snapshots[name]
            if now < snapshot.written_at + seconds
            or self._lists[name] < snapshot.lists_before + lists
        )
        found = next(hidden, None)
        self._lists[name] += 1
        return found
