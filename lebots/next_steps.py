"""What to do about a finding, in the words of the command line; nothing below knows those."""

from collections.abc import Mapping
from dataclasses import asdict, replace

from lebots.core.model.finding import NO_FACTS, Finding
from lebots.core.quoting import command

_MAY_READ = "`lebots doctor` tells what this login may read"
_REMOVALS = "after review, allow this with --confirm-deletes {removals}"
_AGREE = {
    "removals": _REMOVALS,
    "stopped": "after review, allow this with --confirm out-of-service={stopped}",
    "agreed": "allowed by --confirm-deletes {agreed}",
}
_NEW_RECEIPT = "write a new one with `lebots apply --receipt FILE`"

NEXT_STEPS: Mapping[str, Mapping[str, str]] = {
    "credential-dead": {
        "former": "`lebots rotate {address}` goes on",
        "removed": "allow a new one with --recreate {address}",
    },
    "cut-short": {"unfinished": "finish that with `lebots apply` first"},
    "not-allowed": {
        "fixed_name_of": "once nothing uses the old one, remove its manifest and prune the old one "
        "with --prune"
    },
    "not-one-of": {"unknown_field_of": "see `lebots explain {unknown_field_of}`"},
    "not-there": {"absent": "`lebots plan` tells how to create it"},
    "reference-unreadable": {"unread": _MAY_READ},
    "removal-count": {"removals": _REMOVALS, "agreed": "leave --confirm-deletes {agreed} out"},
    "removal-floor": _AGREE,
    "removal-share": _AGREE,
    "rotation-open": {"former": "`lebots rotate {address}` disables it after the grace"},
    "unknown-sink": {
        "proposed": "merge lebots.yaml first, or, if you may trust it, use it with --rules-from ."
    },
    "unnamed-id": {"unnamed": "--full writes it"},
    "unprunable": {"uncounted": _NEW_RECEIPT, "shrunken": f"if that is right, {_NEW_RECEIPT}"},
    "unreadable": {"unread": _MAY_READ},
}
"""By code and fact: what helps. In braces stands a fact, or the address of the finding."""


def worded(finding: Finding) -> Finding:
    """The finding with a message that says what to do next, too."""
    if finding.code not in NEXT_STEPS:
        return finding
    known = {name: value for name, value in asdict(finding.facts).items() if value is not None}
    for fact, words in NEXT_STEPS[finding.code].items():
        if fact in known:
            known["address"] = finding.address
            step = words.format_map({name: command(str(value)) for name, value in known.items()})
            return replace(finding, message=f"{finding.message}; {step}", facts=NO_FACTS)
    return finding
