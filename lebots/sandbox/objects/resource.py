"""What a kind of object is: `Resource`, data plus the few functions that data cannot say."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lebots.sandbox.errors import ApiError, ErrorStyle
from lebots.sandbox.objects.fields import Field, Json, array
from lebots.sandbox.objects.records import Record, Reference
from lebots.sandbox.objects.store import ACCOUNT_SCOPE, Store
from lebots.sandbox.rules.toggles import Rules

KEYS = "keys"
"""Target of a reference to a key, which is an application or an app key: one store (5b)."""

ROOT_GROUP = "-1"
ROOT_GROUP_NAME = "Main Group"

_NEXT_ID = "nextId"


@dataclass(frozen=True)
class Context:
    """The account as the rules see it: its objects, the switches, the clock, chance."""

    store: Store
    rules: Rules
    now: Callable[[], float]
    random: random.Random
    fresh: dict[str, str] = field(default_factory=dict)
    """By well-known secret of the seeded account: what it is in this process instead."""

    def in_force(self, stored: str) -> str:
        """The secret that works for one that is stored."""
        return self.fresh.get(stored, stored)

    def timestamp(self) -> str:
        """Now, as le-users write it: no zone (3.6); here it is UTC."""
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.now()))

    def new_uuid(self) -> str:
        """A random UUID."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def new_id(self) -> int:
        """The next id of le-users that no object has."""
        number = int(self.store.meta(_NEXT_ID))
        while self.store.holds(str(number)):
            number += 1
        self.start_ids(number + 1)
        return number

    def start_ids(self, number: int) -> None:
        """Sets where ids go on."""
        self.store.set_meta(_NEXT_ID, str(number))

    def invalid(self, message: str, fields: Iterable[str] = ()) -> ApiError:
        """The refusal of a body that does not fit."""
        return ApiError(self.rules.invalid_status, message, list(fields))

    def revision(self, resource: Resource) -> int:
        """The revision that answers about this collection carry."""
        whole_account = self.rules.revision_scope == "account"
        return self.store.revision(ACCOUNT_SCOPE if whole_account else resource.collection)

    def knows(self, reference: Reference) -> bool:
        """Whether the object that is referred to exists and is not deleted."""
        if (reference.collection, reference.id) == ("agentGroups", ROOT_GROUP):
            return True
        if reference.collection == KEYS:
            known = any(self.store.exists(name, reference.id) for name in KEY_COLLECTIONS)
            return known or not self.rules.key_must_exist
        return self.store.exists(reference.collection, reference.id)


KEY_COLLECTIONS = ("installations", "appKeys")


@dataclass
class Change:
    """One object on its way into the account: `old` as it was (None on create), what the client
    `sent`, and `new` as it will be. Rules complete `new` and note what they refuse."""

    context: Context
    sent: Json
    old: Json | None
    new: Json
    problems: dict[str, str] = field(default_factory=dict)

    def refuse(self, field_name: str, reason: str) -> None:
        """Notes why a field does not fit; the first reason of a field counts."""
        self.problems.setdefault(field_name, reason)

    def raise_problems(self) -> None:
        """Refuses the change if anything was noted, naming every field (3.5)."""
        if self.problems:
            listed = "; ".join(f"{name} {reason}" for name, reason in self.problems.items())
            raise self.context.invalid(f"Invalid value: {listed}", self.problems)


@dataclass(frozen=True)
class View:
    """How one answer shows objects; looked-up objects are read once per answer."""

    context: Context
    version: float
    with_users: bool = False
    _seen: dict[tuple[str, str], Json | None] = field(default_factory=dict)

    def lookup(self, collection: str, ids: Iterable[Any], *members: str) -> list[Json]:
        """The objects behind ids, with some members; an id with nothing behind it is left out."""
        found = (self._get(collection, str(object_id)) for object_id in ids)
        return [{name: item.get(name) for name in members} for item in found if item]

    def _get(self, collection: str, object_id: str) -> Json | None:
        key = (collection, object_id)
        if key not in self._seen:
            found = self.context.store.get(collection, object_id)
            self._seen[key] = None if found is None or found.get("deleted") is True else found
        return self._seen[key]


def _no_check(change: Change) -> None:
    pass


def _no_references(obj: Json) -> Iterator[Reference]:
    return iter(())


def _as_stored(view: View, obj: Json) -> Json:
    return obj


def _no_guard(context: Context, obj: Json) -> None:
    pass


def _no_server_fields(context: Context) -> Json:
    return {}


@dataclass(frozen=True)
class Resource:
    """One collection of the account."""

    collection: str
    path: str
    """Path of the collection, with `<account>` in it."""
    name_field: str
    fields: Mapping[str, Field]
    """What clients may write."""
    versions: tuple[str, ...]
    default_version: str | None
    """What a request without `v` gets; None: `v` is required."""
    server_fields: Callable[[Context], Json] = _no_server_fields
    """The members the server sets on a new object. Their names are the server-set fields."""
    server_set: frozenset[str] = frozenset()
    """Server-set fields and expansions: a client's value of them never counts."""
    short_list: tuple[str, ...] | None = None
    """What a list shows without `select`; None: everything."""
    id_field: str = "id"
    error_style: ErrorStyle = "flat"
    writable: bool = True
    app_install: bool = False
    """Served by app-install: one object per request, sent back whole, and POST may replace (5a)."""
    has_revision: bool = True
    first_revision: int = 1
    """What a new account starts with. The numbers differ, so that a client which sends one
    collection's revision to another is noticed."""
    created_status: int = 201
    put_one: bool = True
    """Whether an object is replaced at its own path; else only in an array, at the collection's."""
    put_documented: bool = False
    """Whether the documentation says that PUT replaces the whole object."""
    id_required_in_put: bool = False
    list_parameters: frozenset[str] = frozenset()
    oldest_to_write: float = 0.0
    """Requests below this version read only."""
    check: Callable[[Change], None] = _no_check
    references: Callable[[Json], Iterator[Reference]] = _no_references
    view: Callable[[View, Json], Json] = _as_stored
    parameters: frozenset[str] = frozenset()
    """Query parameters of its own, on every request."""
    verbs: Callable[[Context, str], Any] | None = None
    """What carries out its requests where the common way does not fit."""
    seeds: tuple[Json, ...] = ()
    """What a new account has of it."""
    guard_delete: Callable[[Context, Json], None] = _no_guard

    @property
    def numbered(self) -> bool:
        """Whether its ids are numbers from one row, as those of le-users and ac-common here."""
        return "/le-users/" in self.path or "/ac-common/" in self.path

    def record(self, obj: Json) -> Record:
        """The object as the store keeps it."""
        name = obj.get(self.name_field)
        return Record(
            collection=self.collection,
            id=str(obj[self.id_field]),
            name=name if isinstance(name, str) else None,
            deleted=obj.get("deleted") is True,
            body=obj,
            references=tuple(self.references(obj)),
        )


def references_in(obj: Json, field_name: str, collection: str) -> Iterator[Reference]:
    """One reference per id in the array `field_name`."""
    for object_id in array(obj, field_name):
        yield Reference(field_name, collection, str(object_id))
