"""A proposal under the rules of a commit: what its project file has otherwise is told, not used."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from lebots.core.model.address import Source
from lebots.core.model.plan import RulesInForce, UnusedSetting
from lebots.core.quoting import visible
from lebots.errors import Refused
from lebots.project.config import AccountConfig, Project

_FILES = ("file", "ca")
_PROGRAM = "command"
_LONGEST_PATH = 4096


class NamedFile(NamedTuple):
    """What a setting names that may be a file of the checkout."""

    setting: tuple[str, ...]
    file: str


def under(project: Project, proposal: Project, ref: str, changed: Iterable[NamedFile]) -> Project:
    """The project of a commit, with the manifests and the consent of the proposal.

    ``changed`` are the files which the project names and the checkout has otherwise.
    """
    files = (UnusedSetting(path, file=file, source=_place(project, path)) for path, file in changed)
    rules = RulesInForce(ref, (*_settings(project, proposal), *files))
    return replace(with_manifests_of(project, proposal), rules=rules)


def with_manifests_of(project: Project, proposal: Project) -> Project:
    """The project with the overlays and the consent of the proposal."""
    accounts = {
        name: replace(one, overlays=proposal.accounts[name].overlays)
        if name in proposal.accounts
        else one
        for name, one in project.accounts.items()
    }
    return replace(project, accounts=accounts, consents=proposal.consents)


def named_files(project: Project) -> Iterator[NamedFile]:
    """What may be a file among what the logins and sinks of a project name."""
    for path, value in _leaves(_written(project)):
        if path[-1] in _FILES:
            yield NamedFile(path, str(value))
        elif path[-1] == _PROGRAM:
            words = (part for word in value for part in (word, word.partition("=")[2]))
            yield from (NamedFile(path, word) for word in words if _can_name_a_file(word))


def _can_name_a_file(word: str) -> bool:
    return 0 < len(word) < _LONGEST_PATH and word.isprintable()


def require_same_files(project: Project, account: AccountConfig) -> None:
    """Raises Refused where a program or file that a run would use is not that of the rules."""
    rules = project.rules
    used = (("accounts", account.name), ("sinks",))
    for one in rules.unused if rules else ():
        if rules and one.file and any(one.path[: len(path)] == path for path in used):
            raise Refused(
                f"{visible('.'.join(one.path))}: {visible(one.file)} is not as it is at "
                f"{rules.ref}, so it was not used: merge that change first (or merge {rules.ref} "
                "into this one), or, if you may trust it as it is, use it with --rules-from ."
            )


def _settings(project: Project, proposal: Project) -> Iterator[UnusedSetting]:
    there, here = dict(_leaves(_written(project))), dict(_leaves(_written(proposal)))
    for path in sorted({*there, *here}):
        before, after = there.get(path), here.get(path)
        if _is_rule(path) and _canonical(path, before) != _canonical(path, after):
            source = _place(proposal if path in here else project, path)
            yield UnusedSetting(path, before, after, source=source)


def _is_rule(path: tuple[str, ...]) -> bool:
    """Whether a setting is more than what the proposal agrees to, or which manifests it has."""
    own = path[0] == "consent" or (path[0], *path[2:]) == ("accounts", "overlays")
    return not own and path not in (("apiVersion",), ("kind",))


def _written(project: Project) -> Mapping[str, Any]:
    value: Any = project.document.value if project.document else {}
    return dict(value)


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every setting that is no group of others."""
    if not isinstance(value, Mapping):
        yield path, value
        return
    for name, inner in value.items():
        yield from _leaves(inner, (*path, name))


def _canonical(path: tuple[str, ...], value: Any) -> Any:
    """Equal for equal settings: only the words of a program have an order."""
    if isinstance(value, list) and path[-1] != _PROGRAM:
        return sorted(map(str, value))
    return value


def _place(project: Project, path: tuple[str, ...]) -> Source | None:
    return project.document.at(path) if project.document else None
