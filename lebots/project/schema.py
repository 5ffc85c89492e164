"""The JSON Schema of ``lebots.yaml``."""

from collections.abc import Mapping
from typing import Any

from lebots.core.schema import API_VERSION, DIALECT

METHODS: Mapping[str, tuple[str, ...]] = {
    "oauth2": ("clientId", "clientSecret"),
    "login": ("username", "password"),
    "oauth1": ("appKey", "secret", "accessToken", "accessTokenSecret"),
}
"""The values each way to authenticate needs (reference 2.2, 2.3, 2.5)."""

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"


def project_schema() -> dict[str, Any]:
    """The schema of a whole project file, for checking and for editors."""
    return {
        "$schema": DIALECT,
        "title": "lebots project",
        "description": "Accounts, how to log in to each, and where generated secrets go.",
        **_mapping(
            {
                "apiVersion": {
                    "const": API_VERSION,
                    "description": "The version of the project format.",
                },
                "kind": {"const": "Project", "description": "What this file is."},
                "defaultAccount": {
                    "type": "string",
                    "description": "The account that is meant where the command line names none.",
                },
                "accounts": _named(_account(), "The accounts by the names people give them."),
                "sinks": _named(_sink(), "Places for generated secrets, by name."),
            },
            ("apiVersion", "kind"),
        ),
    }


def _account() -> dict[str, Any]:
    return {
        "description": "The embedded account in a file, or a real one with its id and login.",
        **_mapping(
            {
                "sandbox": _text("File of the embedded account, made on first use."),
                "accountId": {
                    **_form("[a-zA-Z0-9_]{1,20}", "an account id of letters, digits and _"),
                    "description": "The id of the account; quote it, since it is no number.",
                },
                "auth": _auth(),
                "ca": _text("File of certificates (PEM) to trust in place of the system's."),
                "domain": _text(
                    "Host of the Domain API: one below liveperson.net, or a served sandbox such as "
                    "localhost:8443. Default: api.liveperson.net."
                ),
                "versions": _versions(),
                "guards": _guards(),
            }
        ),
        "if": {"required": ["sandbox"]},
        "then": {"properties": {"accountId": False, "auth": False, "ca": False, "domain": False}},
        "else": {"required": ["accountId", "auth"]},
    }


def _versions() -> dict[str, Any]:
    number = _form("[1-9][0-9]?\\.[0-9]", "a version such as 6.0, in quotes")
    words = "API versions by collection (users, skills, ...), where not the tested ones."
    one = {
        "description": "The versions of one collection.",
        **_mapping(
            {
                "list": {**number, "description": "Version of lists."},
                "write": {**number, "description": "Version of single reads and of writes."},
            }
        ),
    }
    return {"type": "object", "description": words, "additionalProperties": one}


def _auth() -> dict[str, Any]:
    values = dict.fromkeys(name for names in METHODS.values() for name in names)
    method = {"enum": list(METHODS), "description": "How to log in; oauth2 is the one to choose."}
    return {
        "description": "How to log in, and where each value that needs is read from.",
        **_mapping({"method": method, **{name: _value() for name in values}}, ("method",)),
        "allOf": [
            {
                "if": {"properties": {"method": {"const": method}}, "required": ["method"]},
                "then": {
                    "required": list(needed),
                    "properties": {name: False for name in values if name not in needed},
                },
            }
            for method, needed in METHODS.items()
        ],
    }


def _value() -> dict[str, Any]:
    variable = _form("[A-Z_][A-Z0-9_]*", "the name of an environment variable, in capitals")
    return {
        "description": "Where the value is read from when it is needed; never the value itself.",
        **_mapping(
            {
                "env": {**variable, "description": "Name of an environment variable."},
                "file": _text("File that holds the value and nothing else."),
                "command": {
                    "type": "array",
                    "items": {"type": "string"},
                    "minItems": 1,
                    "description": "Program and its arguments; the value is what it prints.",
                },
            }
        ),
        "minProperties": 1,
        "maxProperties": 1,
    }


def _guards() -> dict[str, Any]:
    protected = _form(r"[A-Za-z*]+/[^\n]+", "Kind/name, with * for any text")
    return {
        "description": "What a run against the account may do at most.",
        **_mapping(
            {
                "maxDeletePercent": {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": 100,
                    "description": "Largest share of a kind's live objects one run may delete.",
                },
                "replaceLostKeys": {
                    "type": "boolean",
                    "description": "Whether a key whose secret was lost on the way may be switched "
                    "off and made anew. Default: false.",
                },
                "protect": {
                    "type": "array",
                    "items": {**protected, "examples": ["BotUser/legacy-*"]},
                    "description": "Objects that are never touched.",
                },
            }
        ),
    }


def _sink() -> dict[str, Any]:
    path = (
        r"(?![~])(?!.*//)(?!(.*/)?\.\.(/|$))(?=.*\{name\})"
        r"([^{}\n]|\{name\}|\{account\})*([^{}\n/]|\{name\}|\{account\})"
    )
    words = "a file path with {name} in it, perhaps {account}, and without other braces, .. and ~"
    return {
        "description": "A place for generated secrets.",
        **_mapping(
            {
                "type": {"enum": ["dotenv"], "description": "dotenv: one file for each key."},
                "path": {
                    **_form(path, words),
                    "maxLength": 1000,
                    "examples": [".secrets/{name}.env"],
                    "description": "Path of the file; {name} is the key's name, {account} the "
                    "account's id. A relative one counts from the project's folder.",
                },
            },
            ("type", "path"),
        ),
    }


def _mapping(properties: Mapping[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    needed = {"required": list(required)} if required else {}
    return {
        "type": "object",
        **needed,
        "properties": dict(properties),
        "additionalProperties": False,
    }


def _named(items: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "minProperties": 1,
        "propertyNames": _form(_NAME, "text of letters, digits, ., _ and -, at most 63"),
        "additionalProperties": dict(items),
    }


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "description": description}


def _form(pattern: str, title: str) -> dict[str, Any]:
    """Text that fits the pattern from end to end; ``$`` alone would allow a line feed after it."""
    return {"type": "string", "pattern": f"^{pattern}$(?!\\n)", "title": title}
