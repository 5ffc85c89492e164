"""What the last apply in this folder created, for ``lebots verify --new-only``."""

import json
from collections.abc import Iterable
from pathlib import Path

from lebots.core.model import Action, Address, Outcome, Status

_FILE = Path(".lebots") / "created.json"
_DID = (Status.DONE, Status.UNKNOWN)


def note_created(folder: Path, account: str, outcomes: Iterable[Outcome]) -> None:
    """Writes down which objects a run created; no names but their addresses, and no secret.

    A run that did nothing leaves the note of the last one that did something.
    """
    from lebots.files.writer import write_file

    outcomes = tuple(outcomes)
    if not any(outcome.status in _DID for outcome in outcomes):
        return
    made = [
        str(outcome.change.address)
        for outcome in outcomes
        if outcome.change.action is Action.CREATE and outcome.status is Status.DONE
    ]
    text = json.dumps({"account": account, "created": made}, indent=2)
    write_file(folder / _FILE, text + "\n", private=True)


def created(folder: Path, account: str) -> frozenset[Address]:
    """The objects the last apply here created in this account; none where nothing is known."""
    try:
        noted = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        if noted["account"] != account:
            return frozenset()
        return frozenset(Address.parse(str(text)) for text in noted["created"])
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()
