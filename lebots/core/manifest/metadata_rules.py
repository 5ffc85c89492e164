"""Checks ``previously``, ``ignore`` and ``protect`` of manifests without an account."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from lebots.core.model.address import canonical
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.kind import Kind
from lebots.core.model.value import Path
from lebots.core.quoting import quoted

_Name: TypeAlias = tuple[str, str]
"""A kind and a name in the form in which names count as the same."""


def lifecycle(manifests: Sequence[Desired], kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    """Everything wrong with former names and with fields that are left to people."""
    declared = {_name(one, one.address.name): one for one in manifests}
    claimed: dict[_Name, Desired] = {}
    for one in manifests:
        kind = kinds[one.address.kind]
        yield from _ignored(one, kind)
        fixed = kind.endpoint_for(one.spec).fixed_name
        if one.previously and fixed:
            words = f"previously: {fixed}"
            yield one.metadata_finding("cannot-rename", words, ("previously",))
            continue
        for position, former in enumerate(one.previously):
            if former in one.previously[:position]:
                continue
            if words := _wrong(one, position, kind, declared, claimed):
                path: Path = ("previously", position)
                yield one.metadata_finding("former-name", f"previously: {words}", path)
            claimed.setdefault(_name(one, former), one)


def _wrong(
    one: Desired,
    position: int,
    kind: Kind,
    declared: Mapping[_Name, Desired],
    claimed: Mapping[_Name, Desired],
) -> str:
    """What is wrong with one former name and what to do; empty where it is fine."""
    former = one.previously[position]
    if former == one.address.name:
        return "this is the name it has now; remove it"
    earlier = claimed.get(_name(one, former))
    if earlier is one:
        return "this counts as the same name as one before it in the list; keep one of them"
    if earlier:
        return (
            f"{_titled(kind, earlier)} claims this name too, at "
            f"{earlier.at_metadata('previously')}; an object can become only one of them"
        )
    other = declared.get(_name(one, former))
    return "" if other in (None, one) else _taken(one, other, kind)


def _taken(one: Desired, other: Desired, kind: Kind) -> str:
    """Why a name that another manifest gives away anew cannot be a former name."""
    title, place = _titled(kind, other), other.at_metadata("name")
    mine = _name(one, one.address.name)
    if mine in {_name(other, name) for name in other.previously}:
        return (
            f"this and {title} at {place} swap their names, which no single plan can do: both "
            "names are taken at every moment; give one of them a third name, apply, and go on "
            "from there"
        )
    if other.previously:
        return (
            f"{title} at {place} has been renamed to this name, and one plan cannot free a name "
            f"and give it away again; rename {quoted(one.address.name)} first, apply, and then "
            f"{quoted(other.address.name)}"
        )
    return (
        f"{title} is declared too, at {place}, and one plan cannot free a name and give it away "
        "again; apply the rename first and add that manifest afterwards, or remove the name "
        "here if the rename is done"
    )


def _ignored(one: Desired, kind: Kind) -> Iterator[Finding]:
    for name in sorted(one.ignore & kind.by_name.keys() - one.spec.keys()):
        words = (
            f"ignore: spec does not set {name}, so lebots does not manage it anyway; remove it "
            "here, or set the value for new objects"
        )
        yield one.metadata_finding("ignored-anyway", words, ("ignore",), Severity.WARNING)


def _name(one: Desired, name: str) -> _Name:
    return one.address.kind, canonical(name)


def _titled(kind: Kind, one: Desired) -> str:
    return f"{kind.label} {quoted(one.address.name)}"
