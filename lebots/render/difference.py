"""Two texts of a file as a unified difference in which everything is visible."""

from difflib import unified_diff

from lebots.render.escape import visible

_NO_END = "\\ No newline at end of file"


def unified(before: str, after: str, name: str) -> str:
    """The lines that differ and three around them; empty where the texts are the same."""
    lines = unified_diff(_lines(before), _lines(after), name, name, lineterm="")
    return "\n".join(visible(part) for line in lines for part in line.split("\n"))


def _lines(text: str) -> list[str]:
    """The lines; the last one with a remark where the text does not end as a line does."""
    *lines, last = text.split("\n")
    return [*lines, f"{last}\n{_NO_END}"] if last else lines
