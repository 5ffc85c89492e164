"""The drift of an account as text; it proposes nothing."""

from collections.abc import Mapping

from lebots.core.history.drift import Drift
from lebots.core.model.change import Action, Cause, Change
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Plan
from lebots.documents.drift import WHAT, counts
from lebots.documents.text import time_of
from lebots.render.detail import detail
from lebots.render.escape import visible
from lebots.render.plain.plan import findings_section
from lebots.render.plan_view import PlanView, title

_SYMBOLS = {Action.UPDATE: "~", Action.CREATE: "-", Action.UNMANAGED: "+"}


def text(found: Drift, kinds: Mapping[str, Kind], *, version: str) -> str:
    """The report for people."""
    header = f"lebots {visible(version)}   account {visible(found.account)}"
    updates = tuple(change for change in found.changes if change.action is Action.UPDATE)
    view = PlanView(Plan(found.account, updates), kinds)
    lines = [_line(view, number, change) for number, change in view.numbered]
    others = (change for change in found.changes if change.action is not Action.UPDATE)
    lines += [_line(view, None, change) for change in (*others, *found.new)]
    heading = "DETAIL, in the account -> in the manifest"
    sections = [
        [header, f"{_verdict(found)}    {found.live} live"],
        ["DRIFT", *lines] if lines else [],
        [heading, *detail(view)[1:]] if updates else [],
        findings_section(found.findings),
        _closing(found),
    ]
    return "\n\n".join("\n".join(part) for part in sections if part)


def _verdict(found: Drift) -> str:
    words = ", ".join(f"{number} {what}" for what, number in counts(found).items() if number)
    pending = f", {found.pending} pending" if found.pending else ""
    if found.since:
        since = time_of(found.since)
        return f"{words or 'nothing changed'} in the account since {since}{pending}"
    if found.told_by == "history" and (words or pending):
        what = f"{words or 'nothing changed'} in the account{pending}"
        return f"{what}, as git history tells; a receipt would be exact"
    if words:
        return f"{words} in the account: every difference, since no receipt tells what was applied"
    return "the account is in sync"


def _line(view: PlanView, number: int | None, change: Change) -> str:
    digits = view.number(number) if number else " " * len(view.number(0))
    about = ", ".join(visible(part.path) for part in change.fields)
    if change.action is not Action.UPDATE:
        about = WHAT[change.action] + (f"   id {visible(change.id)}" if change.id else "")
    note = f"   {visible(change.note)}" if change.note else ""
    name = title(change.address, view.kinds)
    line = f"  {digits} {_SYMBOLS[change.action]} {name}   {about}{note}"
    return view.placed(line, change.source) or line


def _closing(found: Drift) -> list[str]:
    if not found:
        return []
    made = any(part.cause is Cause.DEFAULT for change in found.changes for part in change.fields)
    return [
        "NEXT  to keep a manual change, write it into the manifests; `lebots plan` shows the rest",
        *(["      to set a default of lebots back, declare it"] if made else ()),
    ]
