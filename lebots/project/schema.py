"""The JSON Schema of ``lebots.yaml``."""

from collections.abc import Mapping
from typing import Any

from lebots.core.manifest.schema import API_VERSION
from lebots.core.manifest.sink_type import SinkType
from lebots.core.model.change import AGREEABLE
from lebots.documents.json_schema import filled, flag, form, items, mapping, published, settings
from lebots.project.sinks import sink_schema
from lebots.project.values import value_schema

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"

METHODS: Mapping[str, tuple[str, ...]] = {
    "oauth2": ("clientId", "clientSecret"),
    "login": ("username", "password"),
    "oauth1": ("appKey", "secret", "accessToken", "accessTokenSecret"),
}
"""The values each way to authenticate needs (reference 2.2, 2.3, 2.5)."""

_LABEL = "[A-Za-z0-9-]{1,63}"
_PROXY = rf"https?://({_LABEL}(\.{_LABEL}){{0,10}}|\[[0-9a-fA-F:.]{{2,45}}\])(:[0-9]{{1,5}})?/?"
"""What stands before an @ would be a login, which never stands in the file."""


def project_schema(sinks: Mapping[str, SinkType]) -> dict[str, Any]:
    """The schema of a project file with these types of sinks, for checking and for editors."""
    return published(
        "lebots project",
        "Accounts, how to log in to each, and where generated secrets go.",
        settings(
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
                "consent": items(
                    _consent(), "What this proposal agrees to, each for one plan by its digest."
                ),
                "sinks": _named(
                    sink_schema(sinks), "Sinks by name: where lebots delivers generated secrets."
                ),
            },
            ("apiVersion", "kind"),
        ),
    )


def _named(item: Mapping[str, Any], description: str) -> dict[str, Any]:
    """An object of any number of such items, by names people give them."""
    name = form(_NAME, "text of letters, digits, ., _ and -, at most 63")
    return {**mapping(dict(item), description), "minProperties": 1, "propertyNames": name}


def _account() -> dict[str, Any]:
    return {
        "description": "The embedded account in a file, or a real one with its id and login.",
        **settings(
            {
                "sandbox": filled("File of the embedded account, made on first use."),
                "accountId": {
                    **form("[a-zA-Z0-9_]{1,20}", "an account id of letters, digits and _"),
                    "description": "The id of the account; quote it, since it is no number.",
                },
                "auth": _auth(),
                **_way(),
                "versions": _versions(),
                "guards": _guards(),
                "scope": _scope(),
                "retire": {
                    "enum": ["disable", "delete"],
                    "description": "What --prune does: disable or delete. "
                    "What the vendor cannot disable, such as a skill, is deleted either way. "
                    "Default: disable.",
                },
                "overlays": {
                    **items(
                        filled("A file or folder, seen from this file."),
                        "Laid on top of the manifests for this account, in order, field by field; "
                        "a document with $new: true declares an object of its own.",
                    ),
                    "uniqueItems": True,
                    "examples": [["overlays/production"]],
                },
            }
        ),
        "if": {"required": ["sandbox"]},
        "then": {"properties": dict.fromkeys(("accountId", "auth", *_way()), False)},
        "else": {"required": ["accountId", "auth"]},
    }


def _way() -> dict[str, Any]:
    """How requests get to the account."""
    return {
        "ca": filled("File of certificates (PEM) to trust in place of the system's."),
        "proxy": {
            **form(_PROXY, "an address such as http://proxy.example.com:3128, no login"),
            "description": "Proxy that requests to the account take, http or https, "
            "without a login. Default: none, whatever the environment says.",
        },
        "domain": filled(
            "Host of the Domain API: one below liveperson.net, or a served sandbox such as "
            "localhost:8443. Default: api.liveperson.net."
        ),
    }


def _versions() -> dict[str, Any]:
    number = form("[1-9][0-9]?\\.[0-9]", "a version such as 6.0, in quotes")
    words = "API versions by collection (users, skills, ...), where not the tested ones."
    one = {
        "description": "The versions of one collection.",
        **settings(
            {
                "list": {**number, "description": "Version of lists."},
                "write": {**number, "description": "Version of single reads and of writes."},
            }
        ),
    }
    return mapping(one, words)


def _auth() -> dict[str, Any]:
    values = dict.fromkeys(name for names in METHODS.values() for name in names)
    method = {"enum": list(METHODS), "description": "How to log in; oauth2 is the one to choose."}
    return {
        "description": "How to log in, and where each value that needs is read from.",
        **settings({"method": method, **{name: value_schema() for name in values}}, ("method",)),
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


def _guards() -> dict[str, Any]:
    protected = form(r"[A-Za-z*]+/[^\n]+", "Kind/name, with * for any text")
    return {
        "description": "What a run against the account may do at most.",
        **settings(
            {
                "maxDeletePercent": {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": 100,
                    "description": "Largest share, in percent, of the objects of a kind in reach "
                    "(declared, or pruned by the run) that one run may disable or delete without "
                    "--confirm-deletes; one is always in it, unless this is 0. Default: 30.",
                },
                "replaceLostKeys": flag(
                    "Whether lebots may disable and recreate a key whose secret was lost. "
                    "Default: false."
                ),
                "allowedProfiles": items(
                    {"type": "string", "minLength": 1},
                    "Names of the profiles that a run may add to a bot. What a bot has already is "
                    "not refused. Default: profiles of the roles Agent and Agent Manager.",
                ),
                "allow": _allow(protected),
                "protect": items(
                    {**protected, "examples": ["BotUser/legacy-*"]},
                    "Objects that are never touched, in any spelling.",
                ),
            }
        ),
    }


def _allow(object_: Mapping[str, Any]) -> dict[str, Any]:
    words = "Objects to which a run may add any profile, spelled as they are."
    grants = items({**object_, "examples": ["BotUser/lead-*"]}, words)
    about = "What a run may do beyond the other guards, and to what."
    return {"description": about, **settings({"grants": grants})}


def _consent() -> dict[str, Any]:
    digest = form(
        "[0-9a-f]{12,64}", "the first 12 or more digits of the digest that the plan shows"
    )
    counts: dict[str, Any] = {
        effect.value: {
            "type": "integer",
            "minimum": 1,
            "description": f"Objects that the effect {effect.value} may fall on, exactly.",
        }
        for effect in AGREEABLE
    }
    change = {"change": {**digest, "description": "Digest of the plan that is agreed to."}}
    return {**settings({**change, **counts}, ("change",)), "minProperties": 2}


def _scope() -> dict[str, Any]:
    name = form(r"[^\n]+", "a name, with * for any text")
    return mapping(
        items(name, "Names, with * for any text."),
        "By kind: names of unmanaged objects that --prune may disable or delete. "
        "Nothing else is ever pruned.",
    )
