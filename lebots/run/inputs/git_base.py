"""``lebots plan --base REF``: labels each difference proposed, pending or drift."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from lebots import credentials, kinds, project
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
from lebots.files.inside import followed
from lebots.files.walk import EMPTY, PROJECT_FILE, read_bytes
from lebots.git.tree import Tree
from lebots.git.versions import Versions
from lebots.project import Project
from lebots.run.inputs.manifests import DISK, ManifestSource
from lebots.run.inputs.project import load_project
from lebots.run.inputs.revision import Revision


@dataclass(frozen=True)
class Base:
    """The manifests of the base, read from git."""

    revision: Revision
    project: Project
    """As it is here."""
    account: str
    paths: Sequence[Path]
    desired: Sequence[Desired]
    findings: Sequence[Finding]
    versions: Versions
    merges: bool = field(default=False)
    """Whether the base has commits that the checkout lacks."""

    @classmethod
    def read(cls, ref: str, paths: Sequence[Path], account: str | None) -> "Base":
        """Reads what the base says of an account; raises UsageError where there is no git, no
        repository or no such commit.
        """
        here = load_project()
        revision = Revision.open(ref, paths, here.environment)
        name = here.account(account).name
        overlays = _overlays(revision.tree, here, name)
        loaded = kinds.load()
        desired, wrong = manifests.load(
            paths, loaded, overlays, manifests.reading(revision.tree.read)
        )
        wrong = [finding for finding in wrong if finding.code != EMPTY]
        versions = revision.versions([*paths, *overlays], loaded)
        merges = revision.needs_merge
        return cls(revision, here, name, paths, desired, wrong, versions, merges)

    @contextmanager
    def source(self) -> Iterator[ManifestSource]:
        """Where the manifests to plan come from: the working tree, or its merge with the base.

        Raises UsageError where git cannot make that merge.
        """
        if not self.merges:
            yield DISK
            return
        theirs = _overlays(self.revision.tree, self.project, self.account)
        file = self.project.folder / PROJECT_FILE
        project = [file] if self.revision.holds(file) else []
        overlays = self.project.account(self.account).overlays
        with self.revision.merged([*self.paths, *overlays, *theirs, *project]) as merged:
            own = _overlays(merged.tree, self.project, self.account)
            yield ManifestSource(manifests.reading(merged.tree.read), own, merged.findings)

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
        if _differs(self.project.folder / PROJECT_FILE, self.revision):
            text = (
                f"{PROJECT_FILE} is not the one at {ref}: this plan used the accounts, guards and "
                "sinks as they are here; review that file first"
            )
            found.append(Finding("project-changed", text, Severity.WARNING))
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


def _overlays(tree: Tree, here: Project, account: str) -> tuple[Path, ...]:
    """The overlays of an account as a tree has them, or as they are here if it has no such."""
    file = here.folder / PROJECT_FILE
    data = None
    if followed(file).is_relative_to(followed(tree.top)):
        data = tree.content(file)
    if data is not None:
        with suppress(InvalidInput, UsageError):
            then = project.parsed(here.folder, data, credentials.load(), here.environment)
            return then.account(account).overlays
    return here.account(account).overlays


def _differs(file: Path, revision: Revision) -> bool:
    """Whether a file of the repository is not as it is at the revision, line ends aside."""
    if not revision.holds(file):
        return False
    here = read_bytes(file) if file.exists() else None
    if isinstance(here, Finding):
        return True
    return _plain(here) != _plain(revision.tree.content(file))


def _plain(data: bytes | None) -> bytes | None:
    return None if data is None else data.replace(b"\r\n", b"\n")
