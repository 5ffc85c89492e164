"""What keeps a value from fitting a JSON Schema, in words of our own.

jsonschema's own messages quote the rejected value, which may be a secret in the wrong place, so
nothing but its paths, keywords and our schemas' values is used. Text that was rejected is never
repeated, other scalars are where they are short.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lebots.core.did_you_mean import did_you_mean
from lebots.core.model.finding import NO_FACTS, Facts
from lebots.core.model.kind import Schema
from lebots.core.model.value import Path, Value

_SHOWABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_SHORT_NUMBER = re.compile(r"-?[0-9]{1,6}")
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of fields",
    "null": "null",
}

_NEVER: Mapping[str, Any] = {"not": {}}


class Violation(NamedTuple):
    """One thing wrong: where, a stable word for machines, and words for people."""

    path: Path
    """The value meant; for the codes in ``ABOUT_NAMES`` the name of the field at that path."""
    code: str
    message: str
    facts: Facts = NO_FACTS


ABOUT_NAMES = frozenset({"unknown-field", "missing-field", "not-allowed", "bad-name"})
"""Codes of violations that are about the name of a field rather than about its value."""


def compiled(schema: Schema) -> Any:
    """A validator in which 1.0 is no whole number and which never fetches anything."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry

    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole)
    strict: Any = extend(Draft202012Validator, type_checker=types)  # type: ignore[no-untyped-call]
    return strict(_placed(schema), registry=Registry())


def violations(validator: Any, value: Value) -> list[Violation]:
    """Everything that keeps ``value`` from fitting the schema of a ``compiled`` validator."""
    found = dict.fromkeys(
        violation
        for error in validator.iter_errors(value)
        for violation in _described(error, validator.schema)
    )
    mistyped = {one.path for one in found if one.code in ("wrong-type", "null")}
    return [one for one in found if one.path not in mistyped or one.code in ("wrong-type", "null")]


def value_at(value: Value, path: Path) -> Value:
    """The value at a path, or None where there is none."""
    for step in path:
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list | tuple) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def shown_name(name: str) -> str:
    """The name of a field where it looks like one, else words for it: it could be anything."""
    return f'"{name}"' if is_showable(name) else "this field"


def is_showable(name: str) -> bool:
    """Whether the name of a field looks like one, so that a message may repeat it."""
    return _SHOWABLE_NAME.fullmatch(name) is not None


def _placed(schema: Any) -> Any:
    """The schema with its forbidden fields written so that jsonschema tells where they stand.

    It reports a field whose schema is False at the object around it.
    """
    if isinstance(schema, list | tuple):
        return [_placed(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    placed = {word: _placed(part) for word, part in schema.items()}
    fields = placed.get("properties")
    if isinstance(fields, dict):
        placed["properties"] = {
            name: _NEVER if part is False else part for name, part in fields.items()
        }
    return placed


def _is_whole(_: Any, value: object) -> bool:
    return type(value) is int


def _described(error: Any, schema: Schema) -> Iterator[Violation]:
    path: Path = tuple(error.absolute_path)
    if error.validator in ("anyOf", "oneOf"):
        yield from _alternatives(error, path, schema)
    elif "propertyNames" in error.absolute_schema_path:
        words = f"the name {_must(error) or 'is not allowed'}"
        yield Violation((*path, str(error.instance)), "bad-name", words)
    elif error.validator == "additionalProperties":
        yield from _unknown(error, path)
    elif error.validator == "required":
        condition = _condition(error, schema)
        for name in error.validator_value:
            if name not in error.instance:
                words = f'the field "{name}" is missing{condition and ", needed " + condition}'
                yield Violation(path, "missing-field", words)
    elif error.schema is False or error.schema == _NEVER:
        words = f"is not allowed {_condition(error, schema) or 'beside the other fields'}"
        yield Violation(path, "not-allowed", f"{words}; remove it")
    elif error.validator == "uniqueItems":
        yield Violation((*path, _repeated(error.instance)), "repeated", "stands in the list twice")
    elif error.validator == "type":
        yield _mistyped(error, path)
    else:
        code, describe = _KEYWORDS.get(error.validator, ("bad-form", _must))
        yield Violation(path, code, describe(error) or "does not fit here")


def _unknown(error: Any, path: Path) -> Iterator[Violation]:
    known = error.schema.get("properties", {})
    for name in error.instance:
        if name in known:
            continue
        hint = did_you_mean(name, known, f"there are {', '.join(known)}" if known else "")
        words = f'there is no "{name}"' if is_showable(name) else "there is no such field here"
        yield Violation((*path, name), "unknown-field", words + hint)


def _mistyped(error: Any, path: Path) -> Violation:
    expected = error.validator_value
    types = [expected] if isinstance(expected, str) else list(expected)
    wanted = " or ".join(_TYPES[name] for name in types)
    value = error.instance
    if value is None:
        words = f"null is not allowed here: write {wanted}, or leave the field out"
        return Violation(path, "null", words)
    return Violation(path, "wrong-type", f"must be {wanted}{_remedy(types, value)}")


def _remedy(types: Sequence[str], value: Value) -> str:
    """What to write instead of a value of the wrong type."""
    if isinstance(value, str):
        if {"integer", "number"} & set(types) and _SHORT_NUMBER.fullmatch(value):
            return f": write {value} without quotes"
        if "boolean" in types:
            return ", without quotes"
    if "string" in types and isinstance(value, bool | int | float):
        text = json.dumps(value)
        return f': quote it: "{text}"' if len(text) <= 20 else ": quote it"
    if "integer" in types and isinstance(value, float) and value.is_integer():
        return f": write {value:.0f}"
    if "array" in types and not isinstance(value, Mapping):
        return ": put it in brackets, as in [one, two]"
    if "object" in types:
        return ": indented below, one field per line"
    return ""


def _alternatives(error: Any, path: Path, schema: Schema) -> Iterator[Violation]:
    """The findings of the alternative that comes closest, or the types of all of them."""
    if not error.context:
        yield Violation(path, "not-allowed", "fits several forms at once; leave one")
        return
    flat = all(one.validator == "type" and not one.relative_path for one in error.context)
    if title := error.schema.get("title"):
        yield Violation(path, "bad-form", f"must be {title}")
    elif flat:
        wanted = " or ".join(_TYPES.get(one.validator_value, "") for one in error.context)
        yield Violation(path, "wrong-type", f"must be {wanted}")
    else:
        closest = max(error.context, key=lambda one: len(one.relative_path))
        branch = closest.relative_schema_path[0]
        for one in error.context:
            if one.relative_schema_path[0] == branch:
                yield from _described(one, schema)


def _condition(error: Any, schema: Any) -> str:
    """ "where type is oauth1", for a finding that stands behind such a condition."""
    steps = list(error.absolute_schema_path)
    if "then" not in steps:
        return ""
    for step in steps[: len(steps) - 1 - steps[::-1].index("then")]:
        schema = schema[step]
    fixed = [
        f"{name} is {_word(part['const'])}"
        for name, part in schema.get("if", {}).get("properties", {}).items()
        if isinstance(part, Mapping) and "const" in part
    ]
    return f"where {' and '.join(fixed)}" if fixed else ""


def _repeated(items: Sequence[Value]) -> int:
    return next(i for i, item in enumerate(items) if item in items[:i])


def _must(error: Any) -> str:
    title = error.schema.get("title") if isinstance(error.schema, Mapping) else None
    return f"must be {title}" if title else ""


def _word(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _one_of(error: Any) -> str:
    allowed = [_word(value) for value in error.validator_value]
    return f"must be one of {', '.join(allowed)}{did_you_mean(error.instance, allowed)}"


def _form(error: Any) -> str:
    examples = error.schema.get("examples", ())
    such = f", such as {examples[0]}" if examples else ""
    return (_must(error) or f"must have the form {error.validator_value}") + such


def _length(error: Any) -> str:
    if error.validator == "minLength":
        return (
            "must not be empty"
            if error.validator_value == 1
            else (f"must have at least {error.validator_value} characters")
        )
    return f"must have at most {error.validator_value} characters"


def _limit(words: str) -> Callable[[Any], str]:
    return lambda error: f"{json.dumps(error.instance)} is not {words} {error.validator_value}"


def _amount(words: str) -> Callable[[Any], str]:
    return lambda error: f"must hold {words} {error.validator_value}"


_KEYWORDS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "enum": ("not-one-of", _one_of),
    "const": ("not-one-of", lambda error: f"must be {error.validator_value}"),
    "minimum": ("out-of-range", _limit("at least")),
    "maximum": ("out-of-range", _limit("at most")),
    "exclusiveMinimum": ("out-of-range", _limit("more than")),
    "exclusiveMaximum": ("out-of-range", _limit("less than")),
    "minLength": ("out-of-range", _length),
    "maxLength": ("out-of-range", _length),
    "minItems": ("out-of-range", _amount("at least")),
    "maxItems": ("out-of-range", _amount("at most")),
    "minProperties": ("out-of-range", _amount("at least")),
    "maxProperties": ("out-of-range", _amount("at most")),
    "pattern": ("bad-form", _form),
}
