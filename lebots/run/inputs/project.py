"""The project of a folder, handed the types of sinks there are, and kinds as it wants them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from lebots import credentials, project
from lebots.core.model.kind import Endpoint, Kind
from lebots.errors import UsageError
from lebots.project import Project


def load_project(folder: Path = Path()) -> Project:
    """What ``lebots.yaml`` of a folder says; raises InvalidInput with all findings."""
    return project.load(folder, credentials.load())


def with_versions(
    loaded: Mapping[str, Kind], versions: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Kind]:
    """The kinds with the API versions a project asks for; raises UsageError for an unknown name."""
    known = {endpoint.name for kind in loaded.values() for endpoint in kind.endpoints}
    if unknown := sorted(versions.keys() - known):
        names = ", ".join(sorted(known))
        raise UsageError(f"lebots.yaml sets a version of {unknown[0]}; there are: {names}")
    return {
        name: replace(kind, endpoints=tuple(_versioned(e, versions) for e in kind.endpoints))
        for name, kind in loaded.items()
    }


def with_only_sink(loaded: Mapping[str, Kind], sinks: Collection[str]) -> Mapping[str, Kind]:
    """The kinds, knowing the only sink of a project that has one."""
    only = "".join(sinks) if len(sinks) == 1 else ""
    return {
        name: replace(kind, delivery=kind.delivery and replace(kind.delivery, only=only))
        for name, kind in loaded.items()
    }


def _versioned(endpoint: Endpoint, versions: Mapping[str, Mapping[str, str]]) -> Endpoint:
    chosen = versions.get(endpoint.name, {})
    return replace(
        endpoint,
        version=chosen.get("list", endpoint.version),
        version_written=chosen.get("write", endpoint.version_written),
    )
