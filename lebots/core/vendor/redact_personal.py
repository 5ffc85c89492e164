"""Keeps personal values out of messages."""

import re

from lebots.core.model.change import Change
from lebots.core.model.kind import Kind

IN_PLACE = "(personal)"


def without_personal(text: str, kind: Kind, change: Change) -> str:
    """The text without the personal values of the change, which an account's refusal may quote."""
    wanted = [v for name, v in change.desired.items() if kind.by_name[name].personal]
    seen = [v for part in change.fields if part.personal for v in (part.before, part.after)]
    values = {str(value) for value in (*wanted, *seen) if value not in (None, "")}
    for value in sorted(values, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", IN_PLACE, text, flags=re.IGNORECASE)
    return text
