"""An example of rules of your own: `lebots plan --format json --base REF | python plan_policy.py`.

It prints each rule that the plan breaks and ends with 1 then. It needs nothing but Python, and
reads what `lebots schema plan` describes: fields are added to that, and none changes its meaning.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

OWNERS = {"BotUser": ("faq-", "orders-"), "Key": ("faq-", "orders-"), "Skill": ("faq-", "orders-")}
"""By kind: how the names of what this team may write begin."""
SINKS = {"runtime"}
"""Where new secrets may go."""
MOST = {"irreversible": 0, "grants": 0, "conflict": 0, "out-of-service": 2}
"""How many objects an effect may fall on."""
WRITES = {"create", "update", "rename", "disable", "delete"}


def broken(plan: dict[str, Any]) -> Iterator[str]:
    """Every rule that the plan breaks, in words."""
    if plan["formatVersion"] != 2:
        yield f"these rules know plans of format 2, not {plan['formatVersion']}"
        return
    if "commits" not in plan:
        yield "it was made without --base, so nobody can tell whose changes these are"
    for finding in plan["refused"]:
        yield f"refused by lebots: {finding['code']}"
    for effect, most in MOST.items():
        if plan["effects"][effect] > most:
            yield f"{plan['effects'][effect]} objects with the effect {effect}, at most {most}"
    for change in plan["changes"]:
        # What is pending was reviewed in another pull request.
        if change["action"] in WRITES and change.get("origin") != "pending":
            yield from _broken(change)


def _broken(change: dict[str, Any]) -> Iterator[str]:
    kind, _, name = change["address"].partition("/")
    if not name.startswith(OWNERS.get(kind, ())):
        yield f"{change['action']} {change['address']}: another team's"
    if change["sink"] and change["sink"] not in SINKS:
        yield f"{change['address']}: its secret would go to {change['sink']}"
    if change["people"] and any(one["effect"] == "reroutes" for one in change["effects"]):
        yield f"{change['address']}: {change['people']} people get other conversations"
    for field in change["fields"]:
        if field["path"] == "maxAsyncChats" and (field["after"] or 0) > 50:
            yield f"{change['address']}: maxAsyncChats {field['after']}, at most 50"


if __name__ == "__main__":
    found = list(broken(json.load(sys.stdin)))
    print("\n".join(found) or "the plan breaks no rule")
    sys.exit(1 if found else 0)
