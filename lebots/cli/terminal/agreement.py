"""How a command line agrees to a plan, and says where to write down what was done."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from lebots.errors import UsageError
from lebots.run.approval import Approval

MAX_AGE = 24
"""Hours after which a saved plan is too old (F42)."""

ExpectedDigest: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--expect",
        metavar="DIGEST",
        help="Refuse unless the plan has this digest (12 digits or more).",
    ),
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
ReceiptFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write a receipt, for a later `lebots plan --receipt`."),
]
MaxAge: TypeAlias = Annotated[
    int | None,
    typer.Option(
        metavar="HOURS", min=1, help="Refuse a saved plan that is older.", show_default=str(MAX_AGE)
    ),
]


def approval(
    file: Path | None, expect: str | None, max_age: int | None, now: datetime
) -> Approval | None:
    """The saved plan of a file, where one is named; Refused where it is not the one that is
    expected, or too old.
    """
    if file is None:
        if max_age:
            raise UsageError("--max-age is for a saved plan; name one")
        return None
    found = Approval.read(file)
    if expect is not None:
        found.check_digest(expect)
    found.check_age(now, max_age or MAX_AGE)
    return found
