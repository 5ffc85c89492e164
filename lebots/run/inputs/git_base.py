"""``lebots plan --base REF``: labels each difference proposed, pending or drift."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from lebots import credentials, kinds, project
from lebots.core.compare.change import Sinks
from lebots.core.history.origin import History, explain, no_longer_declared, origins
from lebots.core.history.receipt import Receipt
from lebots.core.model.address import Address
from lebots.core.model.change import Origin
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Kind
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import BLOCKING, Plan
from lebots.core.model.value import Spec
from lebots.errors import InvalidInput, UsageError
from lebots.files.walk import PROJECT_FILE, read_bytes
from lebots.project import Project
from lebots.run.inputs.project import load_project
from lebots.run.inputs.revision import Revision


@dataclass(frozen=True)
class Base:
    """The manifests of the base, read from git."""

    revision: Revision
    places: Sequence[Path]
    """Where manifests and overlays are."""
    kinds: Mapping[str, Kind]
    desired: Sequence[Desired]
    findings: Sequence[Finding]

    @classmethod
    def read(cls, ref: str, paths: Sequence[Path], account: str | None) -> "Base":
        """Reads what the base says of an account; raises UsageError where there is no git, no
        repository or no such commit.
        """
        here = load_project()
        revision = Revision.open(ref, paths, here.environment)
        overlays = _overlays(revision, here, account)
        loaded = kinds.load()
        found = revision.manifests(paths, overlays, loaded)
        return cls(revision, (*paths, *overlays), loaded, *found)

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
        evidence = History(receipt, self._earlier, existed)
        plan = explain(plan, desired, self.desired, inventory, evidence)
        dropped = no_longer_declared(plan, desired, self.desired, inventory)
        more = [*self._remarks(), *self._doubts(plan, receipt)]
        return replace(
            plan,
            undeclared=() if asked.only else dropped,
            findings=(*plan.findings, *more),
        )

    def _earlier(self, address: Address) -> Sequence[Spec]:
        return self._versions.get(address, ())

    @cached_property
    def _versions(self) -> Mapping[Address, Sequence[Spec]]:
        return self.revision.earlier(self.places, self.kinds)

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
        if behind := self.revision.repository.behind(self.revision.commit):
            commits = "1 commit" if behind == 1 else f"{behind} commits"
            text = (
                f"this checkout lacks {commits} of {ref}, so this plan would undo what they did; "
                "merge or rebase first"
            )
            found.append(Finding("behind-base", text, Severity.WARNING))
        if _differs(Path(PROJECT_FILE), self.revision):
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
        drift = any(Origin.DRIFT in origins(change) for change in plan.writes)
        if drift and self.revision.repository.shallow:
            text = (
                "this is a shallow clone, so pending changes may be labelled as drift; check out "
                "with `fetch-depth: 0`, or give a receipt"
            )
            found.append(Finding("history-cut-off", text, Severity.NOTE))
        return found


def _overlays(revision: Revision, here: Project, account: str | None) -> tuple[Path, ...]:
    """The overlays of an account as the base has them, or as they are here if it has no such."""
    file = here.folder / PROJECT_FILE
    data = revision.content(file) if revision.holds(file) else None
    if data is not None:
        with suppress(InvalidInput, UsageError):
            then = project.parsed(here.folder, data, credentials.load(), here.environment)
            return then.account(here.account(account).name).overlays
    return here.account(account).overlays


def _differs(file: Path, revision: Revision) -> bool:
    """Whether a file of the repository is not as it is at the revision."""
    if not revision.holds(file):
        return False
    return (read_bytes(file) if file.exists() else None) != revision.content(file)
