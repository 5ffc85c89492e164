"""The JSON Schema of one sink: what each type of place needs to know."""

from collections.abc import Mapping
from typing import Any

from lebots.core.vendor.credential_fields import NEEDED, OWNER, PARTS, PRESETS
from lebots.documents.json_schema import filled, form, settings
from lebots.project.values import value_schema

DOTENV_PATH = (
    r"(?![~])(?!.*//)(?!(.*/)?\.\.(/|$))(?=.*\{name\})"
    r"([^{}\n]|\{name\}|\{account\})*([^{}\n/]|\{name\}|\{account\})"
)
_STEP = r"([A-Za-z0-9_.=@+-]|\{name\}|\{account\})+"
_STEPS = rf"(?=.*\{{name\}})(?!(.*/)?\.\.?(/|$)){_STEP}(/{_STEP})*"
_PLAIN_STEPS = r"(?!(.*/)?\.\.?(/|$))[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*"
_HOST = (
    r"(https://[A-Za-z0-9.-]+(:[0-9]{1,5})?"
    r"|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?)/?"
)
_FIELD_NAME = rf"(?!{OWNER}$)[A-Za-z_][A-Za-z0-9_.-]{{0,127}}"

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "dotenv": ("path",),
    "command": ("command",),
    "vault": ("address", "path", "token"),
    "aws": ("secretName",),
}
_OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "dotenv": ("format",),
    "command": ("timeout",),
    "vault": ("mount", "namespace", "ca"),
    "aws": ("region", "profile", "endpoint", "kmsKeyId"),
}


def sink_schema() -> dict[str, Any]:
    """The schema of one entry below ``sinks``."""
    types = {
        "enum": list(_NEEDED),
        "description": "dotenv: one file for each key; command: a program of yours; vault: KV "
        "version 2 of HashiCorp Vault or OpenBao; aws: AWS Secrets Manager.",
    }
    return {
        "description": "A place for generated secrets.",
        **settings({"type": types, "fields": _fields(), **_settings()}, ("type",)),
        "allOf": [
            {
                "if": {"properties": {"type": {"const": type_}}, "required": ["type"]},
                "then": {
                    "required": list(needed),
                    "properties": {**_others(type_), **_PATHS.get(type_, {})},
                },
            }
            for type_, needed in _NEEDED.items()
        ],
    }


def _others(type_: str) -> dict[str, bool]:
    """Every setting that only other types have, forbidden."""
    own = {*_NEEDED[type_], *_OPTIONAL[type_]}
    return {name: False for name in _settings() if name not in own}


def _settings() -> dict[str, Any]:
    return {
        "path": {
            "type": "string",
            "description": "dotenv: path of the file, a relative one counts from the project's "
            "folder; vault: path below the mount. {name} is the key's name, {account} the "
            "account's id.",
            "maxLength": 1000,
        },
        "format": {
            "enum": ["env", "json"],
            "description": "Form of the file: dotenv lines (the default), or one JSON document.",
        },
        "command": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "description": "Program and its arguments; it is told everything on stdin as JSON.",
        },
        "timeout": {
            "type": "integer",
            "minimum": 1,
            "maximum": 600,
            "description": "Seconds that one call of the program may take; 60 if not set.",
        },
        **_vault_settings(),
        **_aws_settings(),
    }


def _vault_settings() -> dict[str, Any]:
    address = form(_HOST, "https://host:port without a path; plain http only on localhost")
    steps = form(_PLAIN_STEPS, "a path of letters, digits, ., _ and -")
    token = value_schema()
    token["description"] = "Where the server's token is read from; never the token itself."
    return {
        "address": {
            **address,
            "examples": ["https://vault.example.com:8200"],
            "description": "Address of the server.",
        },
        "token": token,
        "mount": {**steps, "description": "Mount of the KV engine, version 2; default: secret."},
        "namespace": {**steps, "description": "Namespace of the mount; default: the root."},
        "ca": filled("File of certificates (PEM) to trust in place of the usual ones."),
    }


def _aws_settings() -> dict[str, Any]:
    region = form("[a-z]{2,}(-[a-z]+)+-[0-9]+", "a region such as eu-central-1")
    return {
        "secretName": {
            **form(_STEPS, "letters, digits and /_+=.@- with {name} in it, perhaps {account}"),
            "maxLength": 300,
            "examples": ["bots/{account}/{name}"],
            "description": "Name of the secret; {name} is the key's name, {account} the account's "
            "id.",
        },
        "region": {**region, "description": "Region; default: the one AWS tools use here."},
        "profile": filled("Profile of AWS tools to use; default: the one they use here."),
        "endpoint": {
            **form(_HOST, "https://host:port without a path; plain http only on localhost"),
            "description": "Address of the service, where it is not the usual one.",
        },
        "kmsKeyId": {
            **form("[A-Za-z0-9:/_-]+", "the id, ARN or alias of a KMS key"),
            "maxLength": 2048,
            "description": "KMS key for secrets that lebots makes; default: the account's own.",
        },
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


_PATHS: Mapping[str, Mapping[str, Any]] = {
    "dotenv": {
        "path": {
            **form(
                DOTENV_PATH,
                "a file path with {name} in it, perhaps {account}, and without other braces, .. "
                "and ~",
            ),
            "examples": [".secrets/{name}.env"],
        }
    },
    "vault": {
        "path": {
            **form(
                _STEPS,
                "a path of letters, digits, ., _, -, =, @, + and / with {name} in it, perhaps "
                "{account}",
            ),
            "examples": ["bots/{account}/{name}"],
        }
    },
}
