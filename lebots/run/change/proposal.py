"""The change of the manifests since a commit: told beside a plan, or found again to apply it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lebots.core.model.desired import Desired
from lebots.core.model.options import Part, PlanOptions
from lebots.core.model.plan import Plan, ProposedChange
from lebots.core.proposal.kept import UNMET, beside
from lebots.core.proposal.manifest_change import ManifestChange, Stated, manifest_change, stated
from lebots.errors import Refused
from lebots.files.walk import MANIFESTS
from lebots.render.escape import quoted
from lebots.run.change.expected import Expected
from lebots.run.inputs.git_base import Base
from lebots.run.inputs.session import Reading, Session

_LOOKED_AT = 30
"""Commits on the way from the base that may have brought the change."""


@dataclass(frozen=True, slots=True)
class ChangeSince:
    """What differs between the manifests and a base, or the part of it that somebody agreed to."""

    digest: str
    base: str
    """The id of its commit."""
    part: Part

    @classmethod
    def of(
        cls, base: Base | None, desired: Sequence[Desired], session: Session
    ) -> "ChangeSince | None":
        """All that differs; None where nothing does, or nobody can tell."""
        if not (base and base.usable):
            return None
        change = manifest_change(*(stated(one, session.kinds) for one in (base.desired, desired)))
        if not change.fields:
            return None
        digest = change.digest(session.client.account, session.kinds)
        return cls(digest, base.revision.commit, change.part)

    @classmethod
    def find(
        cls,
        expected: Expected,
        base: Base,
        desired: Sequence[Desired],
        session: Session,
    ) -> "ChangeSince":
        """The change of these digits among all since the base; it may be followed by others.

        Raises Refused where there is none, and where the manifests say something else by now.
        """
        ref = base.revision.ref
        _check_base(base)
        now = stated(desired, session.kinds)
        whole = manifest_change(stated(base.desired, session.kinds), now)
        found: dict[str, ManifestChange] = {}
        for change in _candidates(whole, base, session):
            digest = change.digest(session.client.account, session.kinds)
            if expected.fits(digest):
                found.setdefault(digest, change)
            if change is whole and found:
                break  # most often; then nobody needs to look at each commit
        if len(found) > 1:
            raise Refused(f"several changes since {ref} begin with these digits; give all of them")
        if not found:
            digest = whole.digest(session.client.account, session.kinds)
            words = f"is change {digest}, not" if whole.fields else "is no change of manifests, not"
            raise Refused(
                f"--expect: what differs since {ref} {words} {quoted(expected.digits)}; nothing "
                "was written. The base is the commit before the change was merged, such as HEAD^1"
            )
        (digest, change) = found.popitem()
        if later := sorted(change.superseded(now)):
            raise Refused(
                f"the manifests do not say any more what change {digest} brought "
                f"({', '.join(map(quoted, later[:3]))}): it was reverted or changed since; nothing "
                "was written, plan and review again"
            )
        return cls(digest, base.revision.commit, change.part)

    def keeping(self, asked: PlanOptions) -> PlanOptions:
        """What is asked for, kept to the change."""
        return replace(asked, part=self.part, change=self.digest)

    def told(self, plan: Plan, whole: Plan, session: Session) -> Plan:
        """The plan of the change, with what of the whole plan it holds back."""
        held = tuple(beside(whole.writes, self.part, session.kinds))
        return replace(plan, proposed=ProposedChange(self.digest, self.base, held, held_back=True))

    def within(
        self,
        plan: Plan,
        desired: Sequence[Desired],
        reading: Reading,
        session: Session,
        asked: PlanOptions,
    ) -> Plan:
        """A plan of more than the change, with what is not of it, and what keeps them together."""
        others = tuple(beside(plan.writes, self.part, session.kinds))
        told = replace(plan, proposed=ProposedChange(self.digest, self.base, others))
        if not (others and self.part) or asked.only or asked.prune:
            return told
        alone = session.plan_from(reading, desired, asked=self.keeping(asked))
        waiting = {one.address for one in alone.refused if one.address and one.code == UNMET}
        proposed = ProposedChange(self.digest, self.base, others, waiting=tuple(sorted(waiting)))
        return replace(plan, proposed=proposed)


def read_base(ref: str, paths: Sequence[Path] | None, account: str | None) -> Base:
    """What the manifests said at the commit."""
    return Base.read(ref, paths or [MANIFESTS], account)


def _check_base(base: Base) -> None:
    ref = base.revision.ref
    if base.merges:
        raise Refused(
            f"{ref} has commits that this checkout lacks, so this is not what is merged; check out "
            "the newest commit, and give the one before the change as --base, such as HEAD^1"
        )
    if not base.usable:
        raise Refused(f"the manifests at {ref} are not valid, so no change since can be told")


def _candidates(whole: ManifestChange, base: Base, session: Session) -> Iterator[ManifestChange]:
    """All that differs since the base, then what each run of commits since brought."""
    if whole.fields:
        yield whole
    said: list[Stated] = [stated(base.desired, session.kinds)]
    for desired in base.since(_LOOKED_AT):
        now = stated(desired, session.kinds)
        changes = (manifest_change(before, now) for before in reversed(said))
        yield from (change for change in changes if change.fields)
        said.append(now)
