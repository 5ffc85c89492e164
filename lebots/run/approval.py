"""Holds an apply to what was approved: a digest, or a saved plan."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lebots.core.compare.digest import change_digest, digest_of, moved_parts, plan_digest
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change, FieldChange
from lebots.core.model.options import PlanOptions, RotationRequest
from lebots.core.model.plan import Plan
from lebots.core.model.value import Value, plain
from lebots.documents import plan_options
from lebots.documents.reports.rotation import request_in
from lebots.documents.saved_plan import open_sealed
from lebots.errors import Refused, UsageError
from lebots.files import bounded
from lebots.files.walk import shown
from lebots.render.escape import quoted, value, visible
from lebots.run.change.expected import Expected, check_age
from lebots.run.inputs.project import signing
from lebots.run.inputs.session import Session

MOVED = "not as approved, the account or the manifests changed since"
_MOST = 64 * 1024 * 1024
"""Bytes a saved plan may have; one of 18,000 changes has less."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What a reviewer agreed to: the plan's digest and, from a saved plan, each change's."""

    account: str
    digest: str
    made: datetime
    changes: Mapping[str, str]
    """The digest of each change that was agreed to, with the mark of its personal values."""
    fields: Mapping[tuple[str, str], Mapping[str, Any]]
    """By address and verb: what each field was to become, as the saved plan tells it."""
    paths: tuple[str, ...]
    terms: Mapping[str, Any]
    """The sinks of secrets and the rules that the plan was made with."""
    asked: PlanOptions
    rotation: RotationRequest | None = None
    """What is rotated; None: it is the plan of an apply."""

    @classmethod
    def read(cls, file: Path) -> "Approval":
        """Reads a plan that ``lebots plan --out`` wrote; raises Refused for any other text, and for
        a plan that is refused itself.
        """

        try:
            content = bounded.read(file, _MOST)
            text = content.decode()
        except UnicodeDecodeError:
            text = ""
        except bounded.Unreadable as reason:
            raise UsageError(f"{shown(file)}: the plan cannot be read ({reason})") from None
        if len(content) > _MOST:
            raise Refused(f"{shown(file)} is larger than {_MOST} bytes; no plan saves such a one")
        saved: Mapping[str, Any] = open_sealed(text, signing())
        _check_refused(saved)
        _check_digest(saved)
        try:
            asked, rotation = plan_options.read(saved), request_in(saved["terms"])
        except ValueError:
            raise Refused("the saved plan names what is no address; plan again") from None
        return cls(
            account=saved["account"],
            digest=saved["digest"],
            made=_made(saved),
            fields={
                (c["address"], c["action"]): {part["path"]: part for part in c["fields"]}
                for c in saved["changes"]
            },
            changes={
                c["digest"]: c.get("personalMark", "") for c in saved["changes"] if "digest" in c
            },
            paths=tuple(saved["paths"]),
            terms=saved["terms"],
            asked=replace(asked, fewer=True),
            rotation=rotation,
        )

    def admit(self, session: Session) -> None:
        """Raises Refused where the account, its rules or the sinks are not those approved.

        It is asked before anything is read.
        """
        self.check_account(session.client.account)
        self.check_terms(session.terms_of(self.sinks))

    def held(self, plan: Plan) -> dict[tuple[Address, Action], str]:
        """The changes of the new plan that nobody approved, with the reason.

        Raises Refused for those of a rotation: a part of its steps leaves a key half rotated.
        """
        held = {
            (change.address, change.action): self._moved(change)
            for change in plan.writes
            if not self._covers(change)
        }
        if held and self.rotation:
            lines = "".join(f"\n  {visible(f'{at}: {why}')}" for (at, _), why in held.items())
            raise Refused(f"the rotation is not as approved; plan and review again:{lines}")
        return held

    def _covers(self, change: Change) -> bool:
        """Whether somebody agreed to it; personal values count where this run has a key."""
        mark = self.changes.get(change_digest(change))
        return mark is not None and change.personal_mark in ("", mark)

    @property
    def sinks(self) -> Collection[str]:
        """The sinks that secrets of the plan were to go to."""
        return set(self.terms.get("sinks", ()))

    def check_terms(self, terms: Mapping[str, Value]) -> None:
        """Raises Refused where secrets would go elsewhere, or other rules are in force.

        It is asked before anything is read, so that no program and no address of another sink is
        ever used, and again of the plan.
        """
        # A sink that got no secret then gets none now: that change is held, since it is new.
        moved = [
            f"{part} {name}"
            for part, values in plain(terms).items()
            for name, now in values.items()
            if self.terms.get(part, {}).get(name, now if part == "sinks" else None) != now
        ]
        if moved:
            words = " and ".join(map(visible, moved))
            raise Refused(f"{words} changed since the plan was approved; plan and review again")

    def check_digest(self, expected: Expected) -> None:
        """Raises Refused where the saved plan is not the one of this digest."""
        if not expected.fits(self.digest):
            raise Refused(
                f"the saved plan has digest {self.digest}, not {quoted(expected.digits)}; nothing "
                "was written, plan and review again"
            )

    def check_account(self, account: str) -> None:
        """Raises Refused where the approval was given for another account."""
        if account != self.account:
            raise Refused(
                f"the saved plan is for account {self.account}, this is account {account}"
            )

    def check_age(self, now: datetime, limit: timedelta | None) -> None:
        """Raises Refused where the plan was saved longer ago than that, or in the future."""
        check_age("the saved plan", self.made, now, limit)

    def _moved(self, change: Change) -> str:
        """Why a change is not the one that was agreed to, field by field."""
        then = self.fields.get((str(change.address), change.action.value))
        if then is None:
            return f"{MOVED}: nobody approved to {change.action} it"
        now = {part.path: part for part in change.fields}
        words = [_compared(path, then.get(path), now.get(path)) for path in sorted({*then, *now})]
        told = "; ".join(word for word in words if word)
        return f"{MOVED}: {told or 'what it refers to, or a personal value'}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How somebody agrees to a plan: beforehand, by an option, or else when asked."""

    digest: str | None = None
    yes: bool = False
    saved: Approval | None = None
    to_change: bool = False
    """Whether the change of the manifests was agreed to that the plan keeps to."""

    @property
    def asks(self) -> bool:
        """Whether nobody agreed yet."""
        return not (self.yes or self.saved or self.to_change or self.digest is not None)

    @property
    def seen(self) -> str:
        """The digest of the plan that somebody looked at; empty where nobody did."""
        return self.saved.digest if self.saved else self.digest or ""

    def held(self, plan: Plan) -> dict[tuple[Address, Action], str]:
        """The changes that nobody agreed to; raises Refused where the digest is another one."""
        if self.digest is not None:
            expect(plan, self.digest)
        if not self.saved:
            return {}
        if plan.writes:
            self.saved.check_terms(plan.terms)
        return self.saved.held(plan)


def _check_digest(saved: Mapping[str, Any]) -> None:
    """Raises Refused where a saved plan's digest is not the one of its changes and terms."""
    changes = [
        one["digest"] + one.get("personalMark", "") for one in saved["changes"] if "digest" in one
    ]
    if saved["digest"] != digest_of(saved["account"], changes, (), saved["terms"]):
        raise Refused("the saved plan's digest is not that of its changes; plan and review again")


def _check_refused(saved: Mapping[str, Any]) -> None:
    """Raises Refused where the plan was refused when it was saved: nobody can have approved it."""
    if saved["refused"]:
        words = (f"{one['address'] or one['code']}: {one['message']}" for one in saved["refused"])
        lines = "".join(f"\n  {visible(line)}" for line in words)
        raise Refused(f"the saved plan is a refused one; solve this, plan and review again:{lines}")


def _made(saved: Mapping[str, Any]) -> datetime:
    try:
        made = datetime.fromisoformat(saved.get("madeAt", ""))
    except ValueError:
        made = None
    if made is None or made.tzinfo is None:
        raise Refused("the saved plan does not tell when it was made; plan again")
    return made


def _compared(path: str, then: Mapping[str, Any] | None, now: FieldChange | None) -> str:
    """How one field differs from what was approved; empty where it does not, or is hidden."""
    if now is None:
        return f"{path} needs no change now"
    if now.personal or (then and then.get("personal")):
        return "" if then else f"{path} was not approved"
    shown = f"{value(now.before)} -> {value(now.after)}"
    if then is None:
        return f"{path} {shown} was not approved"
    approved = f"{value(then['before'])} -> {value(then['after'])}"
    return "" if approved == shown else f"{path} {shown}, approved was {approved}"


def expect(plan: Plan, digest: str) -> None:
    """Raises Refused unless the plan has this digest; a plan without changes always passes."""
    actual, expected = plan_digest(plan), Expected.read(digest)
    if not expected.fits(actual) and plan.writes:
        moved = " and ".join(moved_parts(digest, plan)) or "the account or the manifests"
        raise Refused(
            f"the plan has digest {actual}, not {quoted(digest)}: {moved} changed since it was "
            "approved; nothing was written, plan and review again"
        )
