"""One manifest as an account gets it: each value with the place it comes from."""

from lebots.core.model.desired import Desired
from lebots.core.model.kind import Kind
from lebots.render.escape import quoted, value, visible

_PERSONAL = "personal, not shown"
_LONGEST = 60


def manifest(wanted: Desired, kind: Kind) -> str:
    """A line for each field that git owns, in the order of the kind's fields."""
    rows = [("", f"{kind.label} {quoted(wanted.address.name)}", wanted.source)]
    rows += [
        (part.name, _shown(wanted, part.name, part.personal), wanted.at(part.name))
        for part in kind.fields
        if part.name in wanted.spec
    ]
    names = max(len(name) for name, _, _ in rows)
    values = min(max(len(text) for _, text, _ in rows[1:]) if rows[1:] else 0, _LONGEST)
    head, *below = rows
    lines = [f"{head[1]}  {_place(head[2].file, head[2].line)}"]
    lines += [
        f"  {name:<{names}}  {text:<{values}}  {_place(source.file, source.line)}"
        for name, text, source in below
    ]
    return "\n".join(lines)


def _shown(wanted: Desired, name: str, personal: bool) -> str:
    return _PERSONAL if personal else value(wanted.spec[name])


def _place(file: str, line: int) -> str:
    return f"{visible(file)}:{line}"
