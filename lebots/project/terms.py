"""What an approval covers beside the changes: where secrets go, and under which rules."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from lebots.core.model.options import AccountPolicy
from lebots.core.model.value import Value
from lebots.project.config import AccountConfig, Project
from lebots.project.sinks import SinkConfig
from lebots.project.values import ValueSource


def terms(
    project: Project, account: AccountConfig, sinks: Collection[str], version: str
) -> Mapping[str, Value]:
    """The resolved ``sinks`` of these names, and the rules in force; in one form for equal ones.

    Paths below the project are relative to it, so that another checkout has the same terms.
    """
    return {
        "sinks": {name: _sink(project.sinks[name], project.folder) for name in sorted(sinks)},
        "rules": {
            **_policy(account.allowed),
            "domain": account.domain,
            "ca": _plain(account.ca, project.folder),
            **({"proxy": account.proxy} if account.proxy else {}),
            "lebots": version,
        },
    }


def _sink(sink: SinkConfig, folder: Path) -> Value:
    settings = {name: _plain(value, folder) for name, value in sorted(sink.settings.items())}
    return {"type": sink.type.name, **settings, "fields": dict(sorted(sink.fields.items()))}


def _policy(allowed: AccountPolicy) -> dict[str, Value]:
    return {
        "protect": sorted(allowed.protect),
        "scope": {kind: sorted(names) for kind, names in sorted(allowed.scope.items())},
        "retire": allowed.retire,
        "maxDeletePercent": allowed.max_delete_percent,
        "allowLists": {name: sorted(one) for name, one in sorted(allowed.allow_lists.items())},
        "allowedGrants": sorted(allowed.allowed_grants),
        "replaceLostKeys": allowed.replace_lost,
    }


def _plain(value: Any, folder: Path) -> Value:
    if isinstance(value, Path):
        inside = value.is_relative_to(folder)
        return (value.relative_to(folder) if inside else value).as_posix()
    if isinstance(value, ValueSource):
        file = _plain(value.file, folder) if value.file else None
        return {"env": value.env or None, "file": file, "command": list(value.command)}
    if isinstance(value, list | tuple):
        return [_plain(one, folder) for one in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(one, folder) for name, one in sorted(value.items())}
    return value if value is None or isinstance(value, str | int | float) else str(value)
