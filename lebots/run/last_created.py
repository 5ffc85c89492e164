"""What the last apply in this folder created, for ``lebots verify --new-only``."""

import json
from collections.abc import Iterable
from pathlib import Path

from lebots.core.model.address import Address
from lebots.core.model.change import Action, Outcome, Status
from lebots.core.strict_json import loads
from lebots.errors import Refused

_FILE = Path(".lebots") / "created.json"
_MOST = 8 * 1024 * 1024
_DID = (Status.DONE, Status.UNKNOWN)


def note_created(folder: Path, account: str, outcomes: Iterable[Outcome]) -> None:
    """Writes down which objects a run created; no names but their addresses, and no secret.

    A run that did nothing leaves the note of the last one that did something.
    """
    from lebots.files.yaml.writer import write_file

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
    """The objects the last apply here created in this account; none where none did anything.

    Raises Refused where the note of it cannot be read: nobody knows then what is new.
    """
    from lebots.files import bounded

    try:
        noted = loads(bounded.read(folder / _FILE, _MOST))
        if noted["account"] != account:
            return frozenset()
        return frozenset(Address.parse(str(text)) for text in noted["created"])
    except bounded.Missing:
        return frozenset()
    except (bounded.Unreadable, ValueError, KeyError, TypeError):
        raise Refused(
            f"{_FILE} does not tell what the last apply created; leave --new-only out, or remove "
            "the file"
        ) from None
