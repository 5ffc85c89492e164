"""``lebots.yaml`` as one frozen ``Project``."""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lebots.core.did_you_mean import did_you_mean
from lebots.core.manifest.schema_errors import Violation, compiled, violations
from lebots.core.manifest.sink_type import SinkType
from lebots.core.model.address import Source
from lebots.core.model.change import AGREEABLE
from lebots.core.model.finding import Finding
from lebots.core.model.options import AccountPolicy, Consent, EffectCount
from lebots.core.model.value import Path as ValuePath
from lebots.core.quoting import quoted
from lebots.errors import InvalidInput, UsageError
from lebots.files.inside import leads_out
from lebots.files.schema_findings import located
from lebots.files.walk import PROJECT_FILE, read_bytes, shown
from lebots.files.yaml.reader import Document, read
from lebots.files.yaml.split_documents import by_place
from lebots.project.children import for_children
from lebots.project.places import OUTSIDE, Places
from lebots.project.schema import project_schema
from lebots.project.sinks import SinkConfig, sink_config
from lebots.project.sinks import problems as sink_problems
from lebots.project.values import AuthConfig, value_source

_DEFAULT_ACCOUNTS = {"sandbox": {"sandbox": ".lebots/sandbox.db"}}


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """One account: the embedded one in the file ``sandbox``, or a real one with id and login."""

    name: str
    sandbox: Path | None = None
    id: str = ""
    auth: AuthConfig | None = None
    ca: Path | None = None
    """Certificates to trust in place of the system's."""
    domain: str = ""
    """Host of the Domain API; empty for LivePerson's."""
    versions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By endpoint name: the versions to use in place of the kind's, of ``list`` and ``write``."""
    allowed: AccountPolicy = field(default_factory=AccountPolicy)
    overlays: tuple[Path, ...] = ()
    """Files and folders laid on top of the manifests, in order."""
    protect_at: Mapping[str, Source] = field(default_factory=dict)
    """Where each protected pattern stands."""
    scope_at: Mapping[str, Source] = field(default_factory=dict)
    """Where each kind of the scope stands."""


@dataclass(frozen=True, slots=True)
class Project:
    """Everything ``lebots.yaml`` says."""

    folder: Path
    accounts: Mapping[str, AccountConfig]
    default_account: str
    """Empty where there are several accounts and none is marked."""
    sinks: Mapping[str, SinkConfig]
    consents: tuple[Consent, ...] = ()
    """What the proposal agrees to."""
    environment: Mapping[str, str] = field(repr=False, compare=False, default_factory=dict)
    logins: frozenset[str] = field(default_factory=frozenset)
    """Names of the variables that the file names as sources of values to log in with."""

    @property
    def children(self) -> Mapping[str, str]:
        """The environment of programs that a run starts."""
        return for_children(self.environment, self.logins)

    def account(self, name: str | None = None) -> AccountConfig:
        """The account of that name, or the default one; raises UsageError where there is none."""
        wanted = name or self.default_account
        if wanted in self.accounts:
            return self.accounts[wanted]
        known = ", ".join(sorted(self.accounts))
        if not wanted:
            raise UsageError(f"{PROJECT_FILE} marks no default account; name one of {known}")
        hint = did_you_mean(wanted, self.accounts, f"there are {known}")
        raise UsageError(f"{PROJECT_FILE} has no account {quoted(wanted)}{hint}")


def load(
    folder: Path, types: Mapping[str, SinkType], environment: Mapping[str, str] | None = None
) -> Project:
    """The project of a folder; without ``lebots.yaml`` the embedded account and one sink.

    ``environment`` is the process's own unless given. Raises InvalidInput with all findings.
    """
    environment = os.environ if environment is None else environment
    file = folder / PROJECT_FILE
    if not os.path.lexists(file):
        return _project(Places(folder), {}, types, environment)
    data = _outside(file) if leads_out(file, folder) else read_bytes(file)
    if isinstance(data, Finding):
        raise InvalidInput([data])
    return parsed(folder, data, types, environment)


def parsed(
    folder: Path, data: bytes, types: Mapping[str, SinkType], environment: Mapping[str, str]
) -> Project:
    """The project of a folder by what its file holds; raises InvalidInput with all findings."""
    file = folder / PROJECT_FILE
    documents, findings = read(data, shown(file))
    if not documents and not findings:
        words = "the project file is empty; write a project or remove the file"
        findings.append(Finding("not-a-project", words, source=Source(shown(file), 1, 1)))
    for extra in documents[1:]:
        words = "a project is one document; remove this one"
        findings.append(Finding("not-a-project", words, source=extra.at(())))
    for document in documents[:1]:
        findings += _problems(document, types)
    if findings:
        findings.sort(key=by_place)
        raise InvalidInput(findings)
    value: Any = documents[0].value
    return _project(Places(folder, documents[0]), value, types, environment)


def _outside(file: Path) -> Finding:
    words = "the project file is a link that leads out of the project; put a file there"
    return Finding(OUTSIDE, words, source=Source(shown(file), 1, 1))


def _problems(document: Document, types: Mapping[str, SinkType]) -> Iterator[Finding]:
    value: Any = document.value
    schema = compiled(project_schema(types))
    secret = {one.name for type_ in types.values() for one in type_.settings if one.is_secret}
    found = [_about_secret(one, secret) for one in violations(schema, value)]
    yield from located(document, found)
    if found or document.has_errors:
        return
    default, accounts = value.get("defaultAccount"), value.get("accounts", _DEFAULT_ACCOUNTS)
    if default is not None and default not in accounts:
        hint = did_you_mean(default, accounts, f"there are {', '.join(accounts)}")
        words = f"defaultAccount: there is no such account{hint}"
        yield Finding("unknown-account", words, source=document.at(("defaultAccount",)))
    for name, entry in value.get("sinks", {}).items():
        for one in sink_problems(entry, types[entry["type"]]):
            yield from located(document, [one._replace(path=("sinks", name, *one.path))])


def _about_secret(found: Violation, secret: Collection[str]) -> Violation:
    match found.path:
        case ("accounts", _, "auth", part) if part != "method":
            is_value = True
        case ("sinks", _, setting):
            is_value = setting in secret
        case _:
            is_value = False
    if is_value and found.code in ("wrong-type", "null"):
        words = "values to log in with never stand in the file; name a variable: {env: NAME}"
        return found._replace(code="secret-in-file", message=words)
    return found


def _project(
    places: Places,
    value: Any,
    types: Mapping[str, SinkType],
    environment: Mapping[str, str],
) -> Project:
    accounts = {
        name: _account(places, name, entry)
        for name, entry in value.get("accounts", _DEFAULT_ACCOUNTS).items()
    }
    defaults = {
        name: {"type": one.name, **settings}
        for one in types.values()
        for name, settings in one.defaults.items()
    }
    sinks = {
        name: sink_config(places, name, entry, types[entry["type"]])
        for name, entry in value.get("sinks", defaults).items()
    }
    if places.findings:
        raise InvalidInput(sorted(places.findings, key=by_place))
    only = next(iter(accounts)) if len(accounts) == 1 else ""
    default, logins = value.get("defaultAccount", only), frozenset(places.variables)
    consents = _consents(value, places)
    return Project(places.folder, accounts, default, sinks, consents, environment, logins)


def _consents(value: Any, places: Places) -> tuple[Consent, ...]:
    return tuple(
        Consent(
            entry["change"],
            tuple(EffectCount(effect, entry[effect]) for effect in AGREEABLE if effect in entry),
            places.at(("consent", position)),
        )
        for position, entry in enumerate(value.get("consent", ()))
    )


def _account(places: Places, name: str, entry: Any) -> AccountConfig:
    here, policy = ("accounts", name), _policy(entry)

    def path(field_: str) -> Path | None:
        return places.path(entry[field_], (*here, field_)) if field_ in entry else None

    return AccountConfig(
        name,
        sandbox=path("sandbox"),
        id=entry.get("accountId", ""),
        auth=_auth(places, entry["auth"], (*here, "auth")) if "auth" in entry else None,
        ca=path("ca"),
        domain=entry.get("domain", ""),
        versions=entry.get("versions", {}),
        allowed=policy,
        overlays=tuple(
            places.path(written, (*here, "overlays", position))
            for position, written in enumerate(entry.get("overlays", ()))
        ),
        scope_at={kind: places.key_at((*here, "scope", kind)) for kind in policy.scope},
        protect_at={
            pattern: places.at((*here, "guards", "protect", position))
            for position, pattern in enumerate(policy.protect)
        },
    )


def _policy(entry: Any) -> AccountPolicy:
    guards = entry.get("guards", {})
    return AccountPolicy(
        protect=tuple(guards.get("protect", ())),
        max_delete_percent=guards.get("maxDeletePercent"),
        replace_lost=guards.get("replaceLostKeys", False),
        allow_lists={name: tuple(guards[name]) for name in ("allowedProfiles",) if name in guards},
        allowed_grants=tuple(guards.get("allow", {}).get("grants", ())),
        scope={kind: tuple(names) for kind, names in entry.get("scope", {}).items()},
        retire=entry.get("retire", "disable"),
    )


def _auth(places: Places, entry: Any, here: ValuePath) -> AuthConfig:
    values = {
        part: value_source(places, source, (*here, part))
        for part, source in entry.items()
        if part != "method"
    }
    return AuthConfig(entry["method"], values)
