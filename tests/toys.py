"""A made-up vendor for tests of the core: a library with rooms, shelves, tickets and books.

``Shelf`` stands for what others refer to, ``Ticket`` for what is born with a secret, ``Book`` for
what refers to both and to its own kind, ``Room`` for what is only looked up. ``Library`` is their
account and ``Drawer`` a place for secrets, both in memory and with faults on demand.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from hypothesis import HealthCheck, settings

from lebots.core.model.address import Address, Source
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import targets
from lebots.core.model.kind import Codec, Delivery, Endpoint, Field, Kind, Retirement
from lebots.core.model.live import Account, Live, Ref, World
from lebots.core.model.ports import Credential, Holding, Item
from lebots.core.model.secret import Secret
from lebots.core.model.value import Lookup, Raw, Spec
from lebots.core.vendor.codec import decode, identity
from lebots.core.vendor.decode import assemble
from lebots.core.vendor.seal import drop, seal
from lebots.errors import (
    AccountError,
    Conflict,
    OutcomeUnknown,
    Rejected,
    SinkError,
    SinkMoved,
    SinkWriteOnly,
)

law = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
"""Generated inputs that are the same on every run."""

TEXT = {"type": "string", "description": "Text."}
NAME = {"type": "string", "minLength": 1, "description": "A name."}
NAMES = {"type": "array", "items": NAME, "uniqueItems": True, "description": "Names."}


def _words(value: Any) -> list[str]:
    if not isinstance(value, str):
        raise ValueError
    return value.split()


def _joined(value: Any, before: Any) -> str:
    return " ".join(value)


ROOM = Kind(
    name="Room",
    label="room",
    summary="Where shelves stand.",
    endpoints=(Endpoint("rooms", "building", "/{account}/rooms", "1", built_in={"-1": "Hall"}),),
    lookup_only=True,
)

SHELF = Kind(
    name="Shelf",
    label="shelf",
    summary="Where books stand.",
    endpoints=(
        Endpoint(
            "shelves",
            "library",
            "/{account}/shelves",
            "2",
            query={"select": "$all"},
            server_owned=frozenset({"changed"}),
            limit=4,
        ),
    ),
    fields=(
        Field("description", TEXT, default=""),
        Field("width", {"type": ["integer", "null"], "description": "Width in mm."}),
        Field("topics", NAMES, unordered=True, default=[]),
        Field("room", NAME, vendor="roomId", ref="Room"),
    ),
    retirement=Retirement(deletable=True, lost="the wood is gone"),
)

TICKET = Kind(
    name="Ticket",
    label="ticket",
    summary="What a book is borrowed with.",
    endpoints=(
        Endpoint(
            "tickets",
            "counter",
            "/{account}/tickets",
            "1",
            name_field="holder",
            variant="plastic",
            secret=frozenset({"pin", "stamps.*.code"}),
            must_carry=frozenset({"pin"}),
            update_headers={"X-Counter": "open"},
        ),
        Endpoint(
            "papers",
            "archive",
            "/{account}/papers",
            "1",
            id_field="number",
            name_field="holder",
            variant="paper",
            writable=False,
            fixed_name="a paper ticket cannot be written on",
            secret=frozenset({"pin"}),
        ),
    ),
    fields=(
        Field("type", {"enum": ["plastic", "paper"], **TEXT}, create_only=True, client_only=True),
        Field("colour", TEXT, variant="plastic"),
        Field("drawer", {**NAME, "type": ["string", "null"]}, client_only=True, variant="plastic"),
    ),
    variant_field="type",
    on_create={"colour": "grey"},
    delivery=Delivery(
        sink_field="drawer",
        default="default",
        secrets={"pin": "PIN"},
        id_as="TICKET",
        account_as="LIBRARY",
        constants={"COUNTRY": "none"},
        variant="plastic",
    ),
    retirement=Retirement(off={"colour": "void"}, deletable=True, stops="nobody borrows with it"),
)


def _unmanaged_reason(raw: Raw) -> str:
    return "a museum piece" if raw.get("museum") else ""


def _resets(before: Spec, after: Spec, lookup: Lookup) -> Spec:
    """A book that changes its shelf loses its place; in the Hall there are places for all."""
    shelf = lookup("Shelf", str(after.get("shelf"))) or {}
    moved = before.get("shelf") != after.get("shelf") and shelf.get("room") != "Hall"
    return {"place": None} if moved else {}


def _crowded(world: World) -> Iterator[Finding]:
    for address in sorted(world):
        books = [p for p in world.values() if p.spec.get("shelf") == address.name]
        if address.kind == "Shelf" and len(books) > 2:
            yield Finding("crowded", f"{len(books)} books", Severity.WARNING, address=address)


BOOK = Kind(
    name="Book",
    label="book",
    summary="What is read.",
    endpoints=(
        Endpoint(
            "books",
            "library",
            "/{account}/books",
            "3",
            query={"select": "$all", "include_deleted": "true"},
            name_field="title",
            server_owned=frozenset({"changed", "print.checked"}),
            on_create={"medium": "paper"},
        ),
    ),
    fields=(
        Field("shelf", NAME, vendor="shelfId", ref="Shelf"),
        Field("ticket", NAME, vendor="ticketId", ref="Ticket", id_type="string"),
        Field("sequels", NAMES, vendor="sequelIds", ref="Book", unordered=True, default=[]),
        Field("original", NAME, vendor="originalId", ref="Book"),
        Field("tags", NAMES, default=[]),
        Field(
            "chapters",
            {"type": "array", "items": {"type": "object"}, "description": "Parts."},
            fields=(
                Field("heading", TEXT, default=""),
                Field("cites", NAME, vendor="citesId", ref="Book"),
            ),
            default=[],
        ),
        Field("print", {"type": "object", "description": "How it was printed."}),
        Field("keywords", NAMES, unordered=True, codec=Codec(_words, _joined), default=[]),
        Field("isbn", TEXT, create_only=True),
        Field("lent", {"type": "boolean", "description": "Whether it is out."}, vendor="isLent"),
        Field("place", {"type": ["integer", "null"], "description": "Place on the shelf."}),
        Field("author", TEXT, personal=True),
        Field("subtitle", TEXT, blank_is_unknown=True),
    ),
    needed=frozenset({"shelf"}),
    on_create={"lent": False},
    retirement=Retirement(off={"lent": True}, deletable=True, stops="nobody reads it"),
    reports_undeclared=True,
    unmanaged_reason=_unmanaged_reason,
    resets=_resets,
    rules=(_crowded,),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (BOOK, ROOM, SHELF, TICKET)}


# Builders


def at(address: str) -> Address:
    return Address.parse(address)


def desired(address: str, line: int = 1, **spec: Any) -> Desired:
    """A manifest whose fields stand on the lines below its first one."""
    positions: dict[tuple[str | int, ...], Source] = {
        (name,): Source("library.yaml", line + number, 3) for number, name in enumerate(spec, 1)
    }
    return Desired(at(address), spec, Source("library.yaml", line, 1), positions)


def live(
    address: str,
    id_: str,
    *,
    endpoint: str = "",
    deleted: bool = False,
    unmanaged_reason: str = "",
    **spec: Any,
) -> Live:
    """A live object; fields left out are as the vendor leaves them out."""
    where = at(address)
    kind = KINDS[where.kind]
    found = kind.endpoint(endpoint) if endpoint else kind.endpoint_for(spec)
    if kind.variant_field:
        spec = {kind.variant_field: found.variant, **spec}
    dangling = tuple(
        Ref(target.kind, target.name[4:-1])
        for _, target in targets(kind, spec)
        if target.name.startswith("<id ")
    )
    return Live(where, id_, found.name, spec, deleted, unmanaged_reason, dangling=dangling)


def account(*objects: Live, unreadable: Mapping[str, str] | None = None) -> Account:
    hall = live("Room/Hall", "-1")
    return Account("L1", (*objects, hall), unreadable or {})


# The account in memory

Edit: TypeAlias = "Callable[[Library], None]"


@dataclass(frozen=True)
class Committed:
    """A fault that strikes after the write took effect."""

    error: AccountError


def stale() -> AccountError:
    return Conflict("PUT: 409", 409)


def lost() -> AccountError:
    return OutcomeUnknown("no answer: ReadTimeout; it may or may not have happened")


def refused() -> AccountError:
    return Rejected("POST: 400 Invalid value", 400)


@dataclass
class Library:
    """An account in memory that follows the vendor's rules: whole-object PUT, one revision each.

    ``faults`` holds, for each call by name, what befalls the next ones: None (nothing), an error
    (before the write), ``Committed`` (an error after it), or an edit by somebody else.
    """

    objects: dict[str, dict[str, Raw]] = field(default_factory=dict)
    faults: dict[str, list[Any]] = field(default_factory=dict)
    log: list[tuple[str, ...]] = field(default_factory=list)
    """Every call, and every write of a ``Drawer`` that shares it."""
    bodies: list[Raw] = field(default_factory=list)
    """The bodies of all writes that took effect."""
    answers_secret: bool = True
    """Whether a create is answered with the secret."""
    pin: str = "pin-4711"
    revision: int = 7

    def put(self, endpoint: str, raw: Raw) -> None:
        """Stores an object behind the caller's back."""
        self.objects.setdefault(endpoint, {})[_id(endpoint, raw)] = raw
        self.revision += 1

    def raw(self, endpoint: str, id_: str) -> Raw:
        return self.objects[endpoint][id_]

    def calls(self, *names: str) -> list[tuple[str, ...]]:
        return [entry for entry in self.log if entry[0] in names]

    def read(self) -> Account:
        collections = {}
        for kind in KINDS.values():
            for endpoint in kind.endpoints:
                self.log.append(("list", endpoint.name))
                items = [copied(raw) for raw in self.objects.get(endpoint.name, {}).values()]
                collections[kind.name, endpoint.name] = [
                    drop(raw, endpoint.secret) for raw in items
                ]
        return assemble("L1", KINDS, collections, {})

    def find(self, endpoint: Endpoint, name: str) -> list[Raw]:
        self.log.append(("find", endpoint.name, name))
        with _Fault(self, "find"):
            return [
                drop(copied(raw), endpoint.secret)
                for raw in self.objects.get(endpoint.name, {}).values()
                if raw[endpoint.name_field] == name and not raw.get("deleted")
            ]

    def fetch(self, endpoint: Endpoint, id_: str) -> Item:
        self.log.append(("fetch", endpoint.name, id_))
        with _Fault(self, "fetch"):
            if id_ not in self.objects.get(endpoint.name, {}):
                raise Rejected(f"GET {endpoint.name}/{id_}: 404", 404)
            raw = seal(copied(self.raw(endpoint.name, id_)), endpoint.secret)
            return Item(raw, str(self.revision))

    def create(self, endpoint: Endpoint, body: Raw) -> Raw:
        self.log.append(("create", endpoint.name, body[endpoint.name_field]))
        with _Fault(self, "create"):
            id_ = str(100 + sum(map(len, self.objects.values())))
            born = {"pin": self.pin} if "pin" in endpoint.secret else {}
            number = id_ if endpoint.name == "tickets" else int(id_)
            self.put(endpoint.name, {**copied(body), endpoint.id_field: number, **born})
            self.bodies.append(body)
            raw = copied(self.raw(endpoint.name, id_))
            if not self.answers_secret:
                drop(raw, endpoint.secret)
            return seal(raw, endpoint.secret)

    def replace(self, endpoint: Endpoint, id_: str, body: Raw, revision: str) -> None:
        self.log.append(("replace", endpoint.name, id_))
        with _Fault(self, "replace"):
            if revision != str(self.revision):
                raise stale()
            self.put(endpoint.name, _opened(body))
            self.bodies.append(body)

    def delete(self, endpoint: Endpoint, id_: str, revision: str) -> None:
        """Softly where lists show deleted objects; what is referred to stays."""
        self.log.append(("delete", endpoint.name, id_))
        with _Fault(self, "delete"):
            if revision != str(self.revision):
                raise stale()
            if users := self.users(endpoint.name, id_):
                raise Rejected(f"DELETE: 400 (still used by {', '.join(users)})", 400)
            gone = self.objects[endpoint.name].pop(id_)
            self.revision += 1
            if "include_deleted" in endpoint.query:
                self.put(endpoint.name, {**gone, "deleted": True})

    def users(self, endpoint: str, id_: str) -> list[str]:
        """What refers to an object, itself and deleted objects aside."""
        name = next(k.name for k in KINDS.values() if endpoint in {e.name for e in k.endpoints})
        return sorted(
            f"{kind.name} {identity(each, raw)[1]}"
            for kind in KINDS.values()
            for each in kind.endpoints
            for raw in self.objects.get(each.name, {}).values()
            if not raw.get("deleted") and (each.name, _id(each.name, raw)) != (endpoint, id_)
            if Address(name, id_) in {to for _, to in targets(kind, decode(kind, each, raw))}
        )


class _Fault:
    """Lets the next fault of a call strike before or after what it wraps."""

    def __init__(self, library: Library, call: str) -> None:
        waiting = library.faults.get(call, [])
        self._fault = waiting.pop(0) if waiting else None
        self._library = library

    def __enter__(self) -> None:
        if isinstance(self._fault, Exception):
            raise self._fault
        if callable(self._fault):
            self._fault(self._library)

    def __exit__(self, *failure: object) -> None:
        if isinstance(self._fault, Committed):
            raise self._fault.error


def _id(endpoint: str, raw: Raw) -> str:
    return str(raw["number" if endpoint == "papers" else "id"])


def copied(value: Any) -> Any:
    """A copy of JSON data; sealed secrets are shared."""
    if isinstance(value, dict):
        return {name: copied(inner) for name, inner in value.items()}
    return [copied(inner) for inner in value] if isinstance(value, list) else value


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _opened(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_opened(inner) for inner in value]
    return value.reveal() if isinstance(value, Secret) else value


@dataclass
class Drawer:
    """A sink in memory; ``broken`` names the methods that fail."""

    name: str = "default"
    log: list[tuple[str, ...]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    stored: dict[tuple[str, str], Credential] = field(default_factory=dict)
    notes: dict[tuple[str, str], str] = field(default_factory=dict)

    def holdings(self, *addresses: Address) -> dict[Address, Holding]:
        """What it holds for these objects, as a session reads it; no calls are noted."""
        return {
            one: Holding(held.id if held else None, self.notes.get(("L1", one.name)))
            for one in addresses
            for held in [self.stored.get(("L1", one.name))]
        }

    def probe(self) -> None:
        self._do("probe")

    def announce(self, account: str, key: str, token: str) -> None:
        self._do("announce", key)
        self.notes.setdefault((account, key), token)

    def announced(self, account: str, key: str) -> str | None:
        self._do("announced", key)
        return self.notes.get((account, key))

    def withdraw(self, account: str, key: str, token: str = "") -> None:
        self._do("withdraw", key)
        if token in ("", self.notes.get((account, key))):
            self.notes.pop((account, key), None)

    def write(self, credential: Credential, replaces: str | None) -> None:
        self._do("write", credential.key)
        there = self.stored.get((credential.account, credential.key))
        if (there.id if there else None) != replaces:
            raise SinkMoved(f'sink "{self.name}" holds another credential by now')
        if "forgets" not in self.broken:
            self.stored[credential.account, credential.key] = credential

    def read(self, account: str, key: str) -> Credential | None:
        self._do("read", key)
        if "keeps" in self.broken:
            raise SinkWriteOnly(f'sink "{self.name}" never gives secrets back')
        return self.stored.get((account, key))

    def read_back(self, account: str, key: str) -> str | None:
        self._do("read_back", key)
        held = self.stored.get((account, key))
        return held.id if held else None

    def place(self, account: str, key: str) -> str:
        return f"drawer {self.name}, {account}, {key}"

    def _do(self, call: str, *about: str) -> None:
        self.log.append((call, self.name, *about))
        if call in self.broken:
            raise SinkError(f'sink "{self.name}": {call} failed')
