"""A document as text: ASCII, so that no invisible character survives."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

DEEPEST = 100
"""Nesting of a document: values of the account, of which one may be deep, stand inside it."""
TIME = "%Y-%m-%dT%H:%M:%SZ"
_RUNNER_COMMAND = re.compile(r"#(?=#\w*\[)")


def dumps(document: Mapping[str, Any]) -> str:
    """The document as indented text, in ASCII and without anything a CI runner would obey."""
    text = json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False)
    # A number sign can only stand inside a string, where its escape means the same.
    return _RUNNER_COMMAND.sub(r"\\u0023", text)


def time_of(moment: datetime) -> str:
    """A moment as documents write it, in UTC."""
    return moment.astimezone(UTC).strftime(TIME)
