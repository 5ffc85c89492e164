"""``lebots plan --base REF``: labels each difference proposed, pending or drift."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from lebots import kinds
from lebots.core.compare.change import Sinks
from lebots.core.history.origin import History, explain, no_longer_declared, origins
from lebots.core.history.receipt import Receipt
from lebots.core.model.address import Address
from lebots.core.model.change import Change, Origin
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import BLOCKING, Plan
from lebots.errors import InvalidInput, UsageError
from lebots.files import manifests
from lebots.files.walk import EMPTY, PROJECT_FILE
from lebots.git.tree import Tree
from lebots.git.versions import Versions
from lebots.project import Project
from lebots.project.rules import with_manifests_of
from lebots.run.inputs.manifests import ManifestSource
from lebots.run.inputs.project import Rules, load_project, project_of
from lebots.run.inputs.revision import Merged, Revision


@dataclass(frozen=True)
class Base:
    """The manifests of the base, read from git."""

    revision: Revision
    project: Project
    """As it is here, under the rules in force."""
    rules: Rules | None
    account: str
    paths: Sequence[Path]
    desired: Sequence[Desired]
    findings: Sequence[Finding]
    versions: Versions
    merges: bool = field(default=False)
    """Whether the base has commits that the checkout lacks."""

    @classmethod
    def read(
        cls, ref: str, paths: Sequence[Path], account: str | None, rules_from: str | None = None
    ) -> "Base":
        """Reads what the base says of an account; raises UsageError where there is no git, no
        repository or no such commit, and Refused for an account that the rules do not have.

        The rules in force are those of the base, unless ``rules_from`` names another commit.
        """
        here = load_project()
        revision = Revision.open(ref, paths, here.environment)
        rules = Rules.at(rules_from, here, revision)
        ruled = rules.over(here) if rules else here
        name = ruled.account(account).name
        overlays = _overlays(revision.tree, ruled, name)
        loaded = kinds.load()
        desired, wrong = _read(paths, overlays, revision)
        versions = revision.versions([*paths, *overlays], loaded)
        merges = revision.needs_merge
        return cls(revision, ruled, rules, name, paths, desired, wrong, versions, merges)

    @contextmanager
    def source(self) -> Iterator[ManifestSource]:
        """Where the manifests to plan come from: the working tree, or its merge with the base.

        Raises UsageError where git cannot make that merge.
        """
        if not self.merges:
            yield ManifestSource(project=self.project)
            return
        theirs = _overlays(self.revision.tree, self.project, self.account)
        file = self.project.folder / PROJECT_FILE
        project = [file] if self.revision.tree.holds(file) else []
        overlays = self.project.account(self.account).overlays
        with self.revision.merged([*self.paths, *overlays, *theirs, *project]) as merged:
            read = manifests.reading(merged.tree.read)
            yield ManifestSource(read, self._proposed(merged), merged.findings)

    def _proposed(self, merged: Merged) -> Project:
        """The project of a merge, under the rules in force."""
        if not merged.tree.holds(self.project.folder / PROJECT_FILE) or merged.findings:
            return self.project
        proposal = project_of(merged.tree, self.project)
        if self.rules:
            return self.rules.over(proposal)
        return with_manifests_of(self.project, proposal)

    def since(self, most: int) -> Iterator[Sequence[Desired]]:
        """What the manifests said after each commit since, the earliest first, where valid."""
        repository = self.revision.repository
        for commit in repository.since(repository.head, self.revision.commit, most):
            revision = replace(self.revision, commit=commit)
            overlays = _overlays(revision.tree, self.project, self.account)
            desired, wrong = _read(self.paths, overlays, revision)
            if not any(finding.severity in BLOCKING for finding in wrong):
                yield desired

    @property
    def usable(self) -> bool:
        """Whether its manifests are valid; what is wrong with them is not this change's fault."""
        return not any(finding.severity in BLOCKING for finding in self.findings)

    def attribute_origins(
        self,
        plan: Plan,
        desired: Sequence[Desired],
        inventory: Inventory,
        sinks: Sinks,
        asked: PlanOptions,
        receipt: Receipt | None,
    ) -> Plan:
        """The plan with the origin of every difference, and what there is to say about the base."""
        if not self.usable:
            return replace(plan, findings=(*plan.findings, self._invalid(), *self._remarks()))
        existed = [wanted.address for wanted in desired if sinks.stored(wanted.address)]
        evidence = History(receipt, self.versions.of, existed)
        plan = explain(plan, desired, self.desired, inventory, evidence)
        dropped = no_longer_declared(plan, desired, self.desired, inventory)
        more = [*self._remarks(), *self._doubts(plan, receipt)]
        return replace(
            plan,
            undeclared=() if asked.only else dropped,
            findings=(*plan.findings, *more),
        )

    def _invalid(self) -> Finding:
        wrong = [finding for finding in self.findings if finding.severity in BLOCKING]
        many = "1 error" if len(wrong) == 1 else f"{len(wrong)} errors"
        return Finding(
            "base-invalid",
            f"the manifests at {self.revision.ref} are not valid ({many}, the first is "
            f"{wrong[0]}), so this plan does not label where its changes come from",
            Severity.WARNING,
        )

    def _remarks(self) -> list[Finding]:
        """What makes the comparison with the base different from what a reader expects."""
        ref, found = self.revision.ref, []
        if self.merges:
            text = (
                f"{ref} has commits that this checkout lacks, so this is the plan of their merge; "
                "line numbers are those of the merged files, and it is applied once they are merged"
            )
            found.append(Finding("merge-planned", text, Severity.NOTE))
        return found

    def _doubts(self, plan: Plan, receipt: Receipt | None) -> list[Finding]:
        """What the origins rest on where that is little."""
        if receipt and receipt.clean:
            return []
        found = []
        if receipt:
            text = "the run of the receipt left something to do, so it has no baseline"
            found.append(Finding("receipt-without-baseline", text, Severity.NOTE))
        drift = (change for change in plan.writes if Origin.DRIFT in origins(change))
        return [*found, *cut_off(drift, self.versions)]


def history_here(paths: Sequence[Path], account: str | None) -> Versions | None:
    """What manifests said up to the commit that is checked out; None where git cannot tell."""
    here = load_project()
    overlays = here.account(account).overlays
    with suppress(UsageError):
        return Revision.open("HEAD", paths, here.environment).versions(
            [*paths, *overlays], kinds.load()
        )
    return None


def cut_off(changes: Iterable[Change], versions: Versions) -> Iterator[Finding]:
    """A note for each object that counts as drift while its history ends too early."""
    for change in changes if versions.cut else ():
        if {change.address, Address(change.address.kind, change.was)} & versions.exhausted:
            names = [p.path for p in change.fields if p.origin in (Origin.DRIFT, None)]
            text = (
                f"{', '.join(names) or 'it'} may be pending and no drift: {versions.cut}, so that "
                "older manifests are not known; check out with `fetch-depth: 0`, or give a receipt"
            )
            yield Finding("history-cut-off", text, Severity.NOTE, None, change.address)


def _read(
    paths: Sequence[Path], overlays: Sequence[Path], revision: Revision
) -> tuple[list[Desired], list[Finding]]:
    """The manifests of a commit; that there is none is no fault."""
    read = manifests.reading(revision.tree.read)
    desired, wrong = manifests.load(paths, kinds.load(), overlays, read)
    return desired, [finding for finding in wrong if finding.code != EMPTY]


def _overlays(tree: Tree, here: Project, account: str) -> tuple[Path, ...]:
    """The overlays of an account as a tree has them, or as they are here if it has no such."""
    if tree.holds(here.folder / PROJECT_FILE):
        with suppress(InvalidInput, UsageError):
            return project_of(tree, here).account(account).overlays
    return here.account(account).overlays
