"""YAML out, in the style people write manifests in, such that the reader gives the same back."""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

import yaml

from lebots.core.model import Value
from lebots.errors import UsageError
from lebots.files.scalars import is_text
from lebots.files.walk import shown

_FLOW_WIDTH = 80
_NO_FOLDING = 1_000_000


def write(value: Value) -> str:
    """One document: fields in the order given, quotes only where the reader needs them."""
    text: str = yaml.dump(
        value,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=_NO_FOLDING,
    )
    return text


def write_file(path: Path, text: str) -> None:
    """Puts the text in place in one step, with the folders it needs; raises UsageError."""
    # Path.exists raises where a name is too long; what is wrong with one is told below.
    if os.path.exists(path) and not os.path.isfile(path):
        raise UsageError(f"{shown(path)} cannot be written (it is no regular file)")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".lebots-", dir=path.parent)
        try:
            with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"{shown(path)} cannot be written ({reason})") from None


def _umask() -> int:
    """The mask of this process, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


class _Dumper(yaml.SafeDumper):
    """PyYAML's safe dumper with the styles of a manifest."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = None if is_text(text) else '"'
        if "\n" in text:
            style = "|"
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)

    def represent_items(self, items: Any) -> yaml.SequenceNode:
        scalars = all(not isinstance(item, list | tuple | dict) for item in items)
        short = sum(len(str(item)) + 2 for item in items) <= _FLOW_WIDTH
        return self.represent_sequence("tag:yaml.org,2002:seq", items, scalars and short)


_Dumper.add_representer(str, _Dumper.represent_text)
_Dumper.add_representer(list, _Dumper.represent_items)
_Dumper.add_representer(tuple, _Dumper.represent_items)
