"""The contract of a kind: data first, pure functions last.

A kind is one module in ``lebots/kinds`` with one constant ``KIND``. What the planner, the
gateway, the schemas, the renderers and the documentation know of it is here.
``lebots.core.vendor.codec`` makes ``decode`` and ``encode`` out of these facts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from lebots.core.model.address import Belonging, Contexts
from lebots.core.model.change import AllowList, FieldEffect
from lebots.core.model.finding import Finding
from lebots.core.model.live import World
from lebots.core.model.secret import Delivery as Delivery
from lebots.core.model.value import Codec as Codec
from lebots.core.model.value import Lookup, Path, Raw, Spec, Value

Schema: TypeAlias = Mapping[str, Any]
"""A JSON Schema (2020-12) as plain data."""

NOTHING: Mapping[str, Any] = MappingProxyType({})

NO_EFFECT: tuple[FieldEffect, ...] = ()
"""For a field whose changes nobody outside the account notices."""


def _loses_nothing(before: Value, after: Value) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field a manifest may own."""

    name: str
    schema: Schema
    """Type, range and ``description`` of the manifest value."""
    vendor: str = ""
    """The vendor's attribute where its name differs; dots lead into objects."""
    ref: str = ""
    """The kind whose names the field holds (one, or a list of them)."""
    id_type: Literal["integer", "string"] = "integer"
    """How the vendor writes the ids behind ``ref``."""
    fields: tuple["Field", ...] = ()
    """The parts of each item, where the field is a list of objects."""
    unordered: bool = False
    """A list in which order means nothing."""
    atomic: bool = False
    """An object that is stated whole: a part that is left out is taken away."""
    personal: bool = False
    """Personal data: values never appear in a plan."""
    create_only: bool = False
    """Cannot be changed after the object was made."""
    account_id: bool = False
    """An id that lebots has no name for; it means nothing in another account."""
    client_only: bool = False
    """A word of lebots that the vendor never sees."""
    of_name: bool = False
    """Part of what an object is called: it stands below ``metadata`` and is never written."""
    default: Value = None
    """What the vendor means where the attribute is missing or null."""
    create_default: Value = None
    """What a new object has where a create is silent and ``default`` does not say it."""
    blank_is_unknown: bool = False
    """The vendor may blank it for privacy: an empty answer says nothing (reference 6.5)."""
    variant: Value = None
    """Only objects of this variant have the field; None where all have it."""
    derived: frozenset[str] = frozenset()
    """Attributes the vendor derives when this one changes, and so left out of that write."""
    data_loss: Callable[[Value, Value], str] = _loses_nothing
    """What else goes with a change from the first value to the second, that no plan can show."""
    codec: Codec | None = None
    effects: tuple[FieldEffect, ...] | None = None
    """What changes of the field can do to people; ``NO_EFFECT``: nothing; None: nobody has said."""
    allow_list: AllowList | None = None
    """What a change may add to a list of names; None: anything."""

    @property
    def attribute(self) -> str:
        """The vendor's name of the field."""
        return self.vendor or self.name


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One collection of the vendor's API that holds objects of a kind."""

    name: str
    service: str
    """Service name in the Domain API (reference 1.3)."""
    path: str
    """Path of the collection; ``{account}`` stands for the account id."""
    version: str
    query: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Query of a list, beside the version."""
    id_field: str = "id"
    name_field: str = "name"
    contexts: Contexts | None = None
    issued_field: str = ""
    """The attribute that tells when an object was made, in seconds since 1970; empty: none does."""
    variant: Value = None
    """The value of the kind's ``variant_field`` that stands for this endpoint."""
    writable: bool = True
    """False where the vendor has no writes: objects can only be selected."""
    never_empty: bool = False
    """Every account has some of these, so an empty list is a list that could not be read."""
    server_owned: frozenset[str] = frozenset()
    """Attributes never sent back; dots lead into objects."""
    secret: frozenset[str] = frozenset()
    """Attributes dropped while parsing a list and sealed in a single object."""
    on_create: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    """Vendor attributes every new object has."""
    must_carry: frozenset[str] = frozenset()
    """Attributes a PUT must hold filled; sent empty, the vendor would wipe them."""
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Headers of every request, reads too."""
    update_headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    limit: int | None = None
    """The most objects an account can hold, deleted ones aside."""
    version_written: str = ""
    """Version of single reads and writes where it is not the one of lists."""
    rights: str = ""
    """What a credential needs to read and write the collection, in words for a refusal."""
    unknown_scope: str = ""
    """Why nobody knows whether the token of an application can write it; empty: it can."""
    feature: str = ""
    """What an account must have switched on for new objects, and who does that."""
    built_in: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Objects (id to name) that exist even where the list does not hold them."""
    fixed_name: str = ""
    """Why an object keeps its name for good, and what to do; empty where a PUT can rename it."""


@dataclass(frozen=True, slots=True)
class Retirement:
    """How an object that nobody wants any more is taken out of use."""

    off: Spec = field(default_factory=lambda: NOTHING)
    """Fields of one that is switched off; empty where the vendor has no switch."""
    deletable: bool = False
    """Whether the vendor deletes single objects."""
    stops: str = ""
    """What ends with it, switched off or deleted, in words for a plan."""
    lost: str = ""
    """What else a delete costs, in words for a plan."""

    @property
    def possible(self) -> bool:
        """Whether the vendor has any way to take one out of use."""
        return self.deletable or bool(self.off)


Rule: TypeAlias = Callable[[World], Iterable[Finding]]
"""Advice of the vendor, as findings about the world after the plan."""


def _no_resets(before: Spec, after: Spec, lookup: Lookup) -> Spec:
    return NOTHING


def _own(raw: Raw) -> str:
    return ""


def _never(raw: Raw) -> bool:
    return False


@dataclass(frozen=True)
class Kind:
    """Everything lebots knows of one kind of object."""

    name: str
    label: str
    """The word for it in a plan: skill, key, bot."""
    summary: str
    endpoints: tuple[Endpoint, ...]
    fields: tuple[Field, ...] = ()
    """What a manifest may own; empty for kinds that are only looked up."""
    lookup_only: bool = False
    belongs: Belonging | None = None
    """What objects without a name of their own belong to."""
    owned_where_declared: bool = False
    """Whether objects that no manifest declares are only looked up, as if there were no more to
    the kind: they are not counted, nor told with the objects that refer to them."""
    variant_field: str = ""
    """The field that tells which endpoint an object lives in, where there are several."""
    needed: frozenset[str] = frozenset()
    """Fields a create cannot do without."""
    on_create: Spec = field(default_factory=lambda: NOTHING)
    """Fields sent on a create where the manifest is silent."""
    name_schema: Schema = field(default_factory=lambda: NOTHING)
    """Further limits on ``metadata.name``."""
    schema: Schema = field(default_factory=lambda: NOTHING)
    """Further limits on ``spec`` as a whole, such as fields that depend on each other."""
    delivery: Delivery | None = None
    retirement: Retirement = field(default_factory=Retirement)
    """None where lebots never takes an object of this kind out of use."""
    login_key: str = ""
    """The field that refers to what an object of this kind logs in with; empty: it does not."""
    reports_undeclared: bool = False
    """Whether a plan names the objects of this kind that no manifest declares."""
    unmanaged_reason: Callable[[Raw], str] = _own
    """Why an object of the collection is not one lebots may touch; empty where it is."""
    untouched: Callable[[Raw], bool] = _never
    """Whether an object is as the vendor gives it to every account, so that nobody made it."""
    resets: Callable[[Spec, Spec, Lookup], Spec] = _no_resets
    """Fields the vendor resets when an object goes from the first spec to the second."""
    rules: tuple[Rule, ...] = ()
    valid: tuple[Spec, ...] = ()
    """Examples of ``spec``, short; the first one is shown to newcomers."""
    invalid: tuple[tuple[Spec, str], ...] = ()
    """Examples that must be refused, each with the path of the offending field."""

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by their manifest name."""
        return {part.name: part for part in self.fields}

    @cached_property
    def ignorable(self) -> tuple[str, ...]:
        """The fields that people can edit in the account."""
        return tuple(
            p.name for p in self.fields if not (p.create_only or p.client_only or p.of_name)
        )

    @cached_property
    def personal(self) -> frozenset[str]:
        """The fields that hold personal data, themselves or in their parts."""
        return frozenset(part.name for part in self.fields if _is_personal(part))

    @cached_property
    def referring(self) -> tuple[Field, ...]:
        """The fields that hold names of other objects, themselves or in their parts."""
        return tuple(part for part in self.fields if any(_references((part,))))

    @property
    def counted(self) -> bool:
        """Whether its objects count, declared or not."""
        return not (self.lookup_only or self.owned_where_declared or self.belongs)

    @property
    def fixed_name(self) -> str:
        """Why no object of the kind can be renamed; empty where some can."""
        reasons = [endpoint.fixed_name for endpoint in self.endpoints]
        return reasons[0] if reasons and all(reasons) else ""

    @cached_property
    def references(self) -> tuple[tuple[Path, str], ...]:
        """Where the spec holds names of other objects: path (``*`` for every item) and kind."""
        return tuple(_references(self.fields))

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name."""
        return next(endpoint for endpoint in self.endpoints if endpoint.name == name)

    def collected(self, name: str) -> str:
        """What people call the objects of an endpoint, such as ``keys of type oauth2``."""
        variants = (one.variant for one in self.endpoints if one.name == name and one.variant)
        return next((f"{self.label}s of {self.variant_field} {one}" for one in variants), name)

    def endpoint_for(self, spec: Spec) -> Endpoint:
        """The endpoint an object with this spec lives in."""
        if not self.variant_field:
            return self.endpoints[0]
        wanted = spec.get(self.variant_field)
        return next((e for e in self.endpoints if e.variant == wanted), self.endpoints[0])


def _is_personal(part: Field) -> bool:
    return part.personal or any(map(_is_personal, part.fields))


def _references(fields: Iterable[Field]) -> Iterator[tuple[Path, str]]:
    for part in fields:
        if part.ref:
            many = part.schema.get("type") == "array" or "array" in part.schema.get("type", ())
            yield ((part.name, "*") if many else (part.name,)), part.ref
        for path, kind in _references(part.fields):
            yield (part.name, "*", *path), kind
