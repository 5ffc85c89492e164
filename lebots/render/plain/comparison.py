"""Two accounts side by side, as text; personal values are never shown."""

from collections.abc import Mapping, Sequence

from lebots.core.account_diff import Comparison, Pair
from lebots.core.model.change import Action, Change
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Plan
from lebots.render.detail import described
from lebots.render.escape import visible
from lebots.render.finding import finding_lines
from lebots.render.plan_view import PlanView, title


def text(found: Comparison, kinds: Mapping[str, Kind], here: str, there: str) -> str:
    """What each account lacks, and what differs, from ``here`` to ``there``."""
    head = [
        f"from {visible(here)}, account {visible(found.here)}, "
        f"to {visible(there)}, account {visible(found.there)}",
        f"{len(found.only_here)} only in {visible(here)}, {len(found.only_there)} only in "
        f"{visible(there)}, {len(found.different)} different, {found.same} the same",
    ]
    sections = [
        head,
        _only(found.only_here, f"ONLY IN {visible(here)}", "-", kinds),
        _only(found.only_there, f"ONLY IN {visible(there)}", "+", kinds),
        _different(found, kinds),
        _findings(found),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def _findings(found: Comparison) -> list[str]:
    lines = [line for finding in found.findings for line in finding_lines(finding)]
    return ["FINDINGS", *lines] if lines else []


def _only(pairs: Sequence[Pair], heading: str, marker: str, kinds: Mapping[str, Kind]) -> list[str]:
    lines = [f"{marker}       {title(pair.address, kinds)}" for pair in pairs]
    return [heading, *lines] if lines else []


def _different(found: Comparison, kinds: Mapping[str, Kind]) -> list[str]:
    changes = [Change(pair.address, Action.UPDATE, fields=pair.fields) for pair in found.different]
    view = PlanView(Plan(found.there, tuple(changes)), kinds)
    lines = [line for number, change in view.numbered for line in described(view, number, change)]
    return ["DIFFERENT", *lines] if lines else []
