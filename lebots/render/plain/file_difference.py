"""Two texts of a file as a unified difference in which everything is visible."""

from difflib import unified_diff

from lebots.render.escape import visible

MAX_LINES = 10_000
"""The time to compare grows with the square of the lines."""

_NO_END = "\\ No newline at end of file"
_TOO_LONG = f"\\ more than {MAX_LINES} lines: what differs is not shown"


def unified(before: str, after: str, name: str) -> str:
    """The lines that differ and three around them; empty where the texts are the same."""
    old, new = _lines(before), _lines(after)
    if old == new:
        return ""
    if max(len(old), len(new)) > MAX_LINES:
        lines = iter((f"--- {name}", f"+++ {name}", _TOO_LONG))
    else:
        lines = unified_diff(old, new, name, name, lineterm="")
    return "\n".join(visible(part) for line in lines for part in line.split("\n"))


def _lines(text: str) -> list[str]:
    """The lines; the last one with a remark where the text does not end as a line does."""
    *lines, last = text.split("\n")
    return [*lines, f"{last}\n{_NO_END}"] if last else lines
