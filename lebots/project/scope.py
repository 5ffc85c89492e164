"""What may be pruned and what is protected, checked against the kinds there are."""

from collections.abc import Iterator, Mapping

from lebots.core.checks.name_patterns import spelled
from lebots.core.did_you_mean import did_you_mean
from lebots.core.manifest.schema_errors import is_showable
from lebots.core.model.finding import Finding
from lebots.core.model.kind import Kind
from lebots.project.config import Project


def scope_findings(project: Project, kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    """A finding for every kind in a scope that no run could prune, or in a guard that is none."""
    yield from _protected_findings(project, kinds)
    retirable = sorted(kind.name for kind in kinds.values() if kind.retirement.possible)
    for account in project.accounts.values():
        for name, source in account.scope_at.items():
            if name not in retirable:
                text = _words(name, kinds, retirable)
                yield Finding("scope", f"scope: {text}", source=source)


def _protected_findings(project: Project, kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    """A finding for every protected pattern whose kind is none, and that so protects nothing."""
    declared = sorted(kind.name for kind in kinds.values() if not kind.lookup_only)
    for account in project.accounts.values():
        for pattern, source in account.protect_at.items():
            kind = pattern.partition("/")[0]
            if not any(spelled(kind, name) for name in declared):
                hint = did_you_mean(kind, declared, f"write {', '.join(declared)} or *")
                what = (
                    f'there is no kind "{kind}"' if is_showable(kind) else "there is no such kind"
                )
                yield Finding("protect", f"protect: {what}{hint}", source=source)


def _words(name: str, kinds: Mapping[str, Kind], retirable: list[str]) -> str:
    choices = f"write one of {', '.join(retirable)}"
    if name in kinds and kinds[name].lookup_only:
        return f"a {kinds[name].label} is looked up, not managed, and never pruned; {choices}"
    if name in kinds:
        return f"lebots never prunes a {kinds[name].label}; {choices}"
    what = f'there is no kind "{name}"' if is_showable(name) else "there is no such kind"
    return what + did_you_mean(name, retirable, choices)
