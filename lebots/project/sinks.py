"""Sinks in ``lebots.yaml``: their schema, and what becomes of an entry, whatever its type."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lebots.core.manifest.schema_errors import Violation
from lebots.core.manifest.sink_type import Setting, Settings, SinkType
from lebots.core.model.kind import NOTHING
from lebots.core.vendor.credential_fields import NEEDED, OWNER, PARTS, PRESETS
from lebots.documents.json_schema import form, settings
from lebots.project.places import Places
from lebots.project.values import value_schema, value_source

_FIELD_NAME = rf"(?!{OWNER}$)[A-Za-z_][A-Za-z0-9_.-]{{0,127}}"


@dataclass(frozen=True, slots=True)
class SinkConfig:
    """A sink: where lebots delivers generated secrets."""

    name: str
    type: SinkType
    settings: Settings
    """All settings of the type; a secret one as ``ValueSource``."""
    fields: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Part of a credential to the name it is delivered under; empty for the parts' own names."""


def sink_config(places: Places, name: str, entry: Settings, type_: SinkType) -> SinkConfig:
    """The sink an entry of a valid project describes."""

    def read(setting: Setting) -> object:
        if setting.name not in entry:
            return setting.default
        written, here = entry[setting.name], ("sinks", name, setting.name)
        if setting.is_secret:
            return value_source(places, written, here)
        if setting.is_destination:
            places.require_inside_unless_absolute(written, here)
        return places.path(written, here) if setting.is_path else written

    names = entry.get("fields", "lebots")
    fields = PRESETS[names] if isinstance(names, str) else names
    renamed = {} if fields == PRESETS["lebots"] else dict(fields)
    return SinkConfig(name, type_, {one.name: read(one) for one in type_.settings}, renamed)


def problems(entry: Settings, type_: SinkType) -> Iterator[Violation]:
    """What is wrong with an entry beyond the schema; paths start at the entry."""
    names = entry.get("fields")
    taken: set[str] = set()
    for part, chosen in names.items() if isinstance(names, dict) else ():
        if chosen in taken:
            words = "another part has this name already; choose one for each"
            yield Violation(("fields", part), "repeated", words)
        taken.add(chosen)
    yield from type_.check(entry)


def sink_schema(types: Mapping[str, SinkType]) -> dict[str, Any]:
    """The schema of one entry below ``sinks``."""
    owners: dict[str, dict[str, Setting]] = {}
    for type_ in types.values():
        for setting in type_.settings:
            owners.setdefault(setting.name, {})[type_.name] = setting
    shared = {name: _shared(settings) for name, settings in owners.items()}
    words = "; ".join(f"{type_.name}: {type_.summary}" for type_ in types.values())
    choice = {"enum": list(types), "description": f"{words}."}
    return {
        "description": "A sink: where lebots delivers generated secrets.",
        **settings({"type": choice, "fields": _fields(), **shared}, ("type",)),
        "allOf": [
            {
                "if": {"properties": {"type": {"const": type_.name}}, "required": ["type"]},
                "then": _then(type_, shared),
            }
            for type_ in types.values()
        ],
    }


def _shared(settings: Mapping[str, Setting]) -> dict[str, Any]:
    """What a setting is for every type that has it, with the words of each."""
    first, *others = (_schema(setting) for setting in settings.values())
    alike = {key: part for key, part in first.items() if all(o.get(key) == part for o in others)}
    words = [
        f"{type_}: {one.description}" if others else one.description
        for type_, one in settings.items()
    ]
    return {**alike, "description": "; ".join(words)}


def _schema(setting: Setting) -> Mapping[str, Any]:
    return value_schema() if setting.is_secret else setting.schema


def _then(type_: SinkType, shared: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What one type needs, what it has not, and where a setting is narrower than for others."""
    own = {setting.name: _schema(setting) for setting in type_.settings}
    properties: dict[str, Any] = {name: False for name in shared if name not in own}
    for name, schema in own.items():
        if rest := schema.keys() - shared[name].keys():
            # Strict readers want the type beside a pattern.
            kept = [key for key in schema if key in rest or key == "type"]
            properties[name] = {key: schema[key] for key in kept}
    return {
        "required": [setting.name for setting in type_.settings if setting.needed],
        "properties": properties,
    }


def _fields() -> dict[str, Any]:
    name = form(_FIELD_NAME, f"a name of letters, digits, ., _ and -, other than {OWNER}")
    return {
        "type": ["string", "object"],
        "description": "Names under which the parts are delivered: lebots (LP_ACCOUNT, ..., the "
        "default), oauth2 (account, client_id, client_secret), or a name for each part.",
        "if": {"type": "string"},
        "then": {"enum": list(PRESETS)},
        "else": {
            "required": list(NEEDED),
            "properties": {part: {**name, "description": words} for part, words in PARTS.items()},
            "additionalProperties": False,
        },
    }
