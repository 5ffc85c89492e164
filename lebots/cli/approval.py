"""Binding an apply to what was approved: a digest, or a saved plan."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lebots.core.digest import change_digest, plan_digest
from lebots.core.model import Action, Address, Plan
from lebots.core.terms import Asked
from lebots.errors import Refused, UsageError

MOVED = "not as approved: the account or the manifests changed since; plan again to see how"


@dataclass(frozen=True, slots=True)
class Approval:
    """What a reviewer agreed to: the plan's digest and, from a saved plan, each change's."""

    account: str
    digest: str
    changes: frozenset[str]
    paths: tuple[str, ...]
    asked: Asked

    @classmethod
    def read(cls, file: Path) -> "Approval":
        """Reads a plan that ``lebots plan --out`` wrote; raises Refused for any other text."""
        from lebots.files.walk import shown
        from lebots.render.json import open_sealed

        try:
            text = file.read_bytes().decode()
        except UnicodeDecodeError:
            text = ""
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise UsageError(f"{shown(file)}: the plan cannot be read ({reason})") from None
        saved: Mapping[str, Any] = open_sealed(text)
        try:
            only = tuple(Address.parse(text) for text in saved["targets"])
            reissue = tuple(Address.parse(text) for text in saved["reissue"])
        except ValueError:
            raise Refused("the saved plan has a target that is no address; plan again") from None
        return cls(
            account=saved["account"],
            digest=saved["digest"],
            changes=frozenset(c["digest"] for c in saved["changes"] if "digest" in c),
            paths=tuple(saved["paths"]),
            asked=Asked(
                only,
                reissue,
                saved["prune"],
                saved["confirmDeletes"],
                fewer=True,
                allow_empty=saved["allowEmpty"],
            ),
        )

    def held(self, plan: Plan) -> dict[tuple[Address, Action], str]:
        """The changes of the new plan that nobody approved, with the reason.

        Raises Refused where the approval was given for another account.
        """
        if plan.account != self.account:
            raise Refused(
                f"the saved plan is for account {self.account}, this is account {plan.account}"
            )
        return {
            (change.address, change.action): MOVED
            for change in plan.writes
            if change_digest(change) not in self.changes
        }


def expect(plan: Plan, digest: str) -> None:
    """Raises Refused unless the plan has this digest; a plan without changes always passes."""
    from lebots.render.escape import quoted

    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise Refused("--expect needs the digest of a plan: 64 hexadecimal digits")
    actual = plan_digest(plan)
    if plan.writes and actual != digest:
        raise Refused(
            f"the plan has digest {actual}, not {quoted(digest)}: the account or the manifests "
            "changed since it was approved; nothing was written, plan and review again"
        )
