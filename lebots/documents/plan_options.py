"""What a run was asked for, as plan documents tell it and saved plans repeat it."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, NamedTuple, get_type_hints

from lebots.core.model.address import Address
from lebots.core.model.change import AGREEABLE, Effect
from lebots.core.model.options import EffectCount, PlanOptions
from lebots.documents.json_schema import Shape, address, count, flag, items, mapping, or_null
from lebots.documents.table import Table


class _Form(NamedTuple):
    shape: Callable[[str], Shape]
    written: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _counts(words: str) -> Shape:
    names = {"enum": [effect.value for effect in AGREEABLE]}
    return {**mapping(count("Objects."), words), "propertyNames": names}


def _as_it_is(value: Any) -> Any:
    return value


_FORMS: Mapping[Any, _Form] = {
    tuple[Address, ...]: _Form(
        lambda words: items(address(), words),
        lambda value: [str(each) for each in value],
        lambda texts: tuple(Address.parse(text) for text in texts),
    ),
    tuple[EffectCount, ...]: _Form(
        _counts,
        lambda value: {one.effect.value: one.number for one in value},
        lambda read: tuple(EffectCount(Effect(name), number) for name, number in read.items()),
    ),
    bool: _Form(flag, _as_it_is, _as_it_is),
    int | None: _Form(lambda words: or_null(count(words)), _as_it_is, _as_it_is),
}
"""By type of an option: how a document tells it."""


_TYPES = get_type_hints(PlanOptions)
_TOLD = {part.name: part.metadata for part in fields(PlanOptions) if part.metadata}


def _part(option: str) -> tuple[Shape, Callable[[PlanOptions], Any]]:
    form = _FORMS[_TYPES[option]]
    return form.shape(_TOLD[option]["description"]), lambda one: form.written(getattr(one, option))


OPTIONS: Table[PlanOptions] = Table("", {told["name"]: _part(one) for one, told in _TOLD.items()})
"""The parts of a plan document that tell what was asked for."""


def read(document: Mapping[str, Any]) -> PlanOptions:
    """The options of a plan document that keeps to its schema; ValueError for text that is no
    address, UsageError for options that cannot be together.
    """
    given = {
        option: _FORMS[_TYPES[option]].read(document[told["name"]])
        for option, told in _TOLD.items()
    }
    return PlanOptions(**given)
