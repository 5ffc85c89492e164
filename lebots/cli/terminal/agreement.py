"""How a command line agrees to a plan, and says where to write down what was done."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from lebots.errors import UsageError
from lebots.run.approval import Approval
from lebots.run.change.expected import Expected, duration

ExpectedDigest: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--expect",
        metavar="DIGEST",
        help="Refuse unless the plan has this digest (12 digits or more), or the change with "
        "--base; DIGEST@TIME is refused when it is old.",
    ),
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
ReceiptFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write a receipt, for a later `lebots plan --receipt`."),
]
MaxAge: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="DURATION",
        help="Refuse an approval that is older, such as 24h, 90m or 2d: a saved plan, or "
        "DIGEST@TIME.",
        show_default="24h",
    ),
]


def approval(
    file: Path | None, expect: str | None, max_age: str | None, now: datetime
) -> tuple[Approval | None, Expected | None]:
    """The saved plan of a file and the digest that is expected, where they are named.

    Raises Refused where one is too old, or the saved plan is not the expected one.
    """
    expected = None if expect is None else Expected.read(expect)
    limit = duration(max_age)
    if file is None:
        if limit and not expected:
            words = "name a saved plan, or --expect DIGEST@TIME"
            raise UsageError(f"--max-age is for an approval; {words}")
        if expected:
            expected.check_age(now, limit)
        return None, expected
    found = Approval.read(file)
    if expected:
        found.check_digest(expected)
        if expected.made:
            expected.check_age(now, limit)
    found.check_age(now, limit)
    return found, expected
