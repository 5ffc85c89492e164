"""YAML out, in the style people write manifests in, such that the reader gives the same back."""

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from lebots.core.model.value import Value
from lebots.errors import NotWritten, UsageError
from lebots.files.inside import strays
from lebots.files.walk import shown
from lebots.files.yaml.scalars import is_text

_FLOW_WIDTH = 80
_NO_FOLDING = 1_000_000
_END = "\n...\n"
_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})
"""What is wrong with a disk, and with no path that was named."""


class Tall(list[Value]):
    """A list that is written one item a line even where it is short."""


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
    # The mark of the end that PyYAML puts after a text with empty lines at its end means nothing.
    return f"{text.removesuffix(_END)}\n" if text.endswith(_END) else text


def write_file(path: Path, text: str, *, private: bool = False) -> None:
    """Puts the text in place in one step, with the folders it needs.

    A file that was there keeps its permissions. A ``private`` one, and the folders made for it, are
    for their owner alone, whatever was there and whatever the umask says. Raises UsageError for a
    path that cannot be written, NotWritten where the disk is full or fails.
    """
    # Path.exists raises where a name is too long; what is wrong with one is told below.
    if os.path.exists(path) and not os.path.isfile(path):
        raise UsageError(f"{shown(path)} cannot be written (it is no regular file)")
    # The last step is put in place of a link that is there; what is above it is followed.
    if strays(path.parent, Path()):
        raise UsageError(
            f"{shown(path)} cannot be written (a link leads out of the project); remove the link, "
            "or name where it leads"
        )
    try:
        _make(path.parent, 0o700 if private else 0o777)
        descriptor, temporary = tempfile.mkstemp(prefix=".lebots-", dir=path.parent)
        try:
            with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.chmod(temporary, 0o600 if private else _mode(path))
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        failed = NotWritten if error.errno in _DISK else UsageError
        raise failed(f"{shown(path)} cannot be written ({reason})") from None


def write_files(folder: Path, texts: Mapping[PurePosixPath, str]) -> None:
    """Puts new files in place below a folder, all or none; raises UsageError and NotWritten.

    What is there already is never written over, and no link below the folder is followed. A run
    that is killed can leave some of the files, each of them whole.
    """
    parents = sorted({folder / above for path in texts for above in path.parents})
    for path in parents:
        taken = os.path.islink(path) or (os.path.exists(path) and not os.path.isdir(path))
        if path != folder and taken:
            raise UsageError(f"{shown(path)} is no folder; move it away, or choose another place")
    made = [path for path in parents if not os.path.exists(path)]
    try:
        for below, text in texts.items():
            if os.path.lexists(folder / below):
                raise UsageError(f"{shown(folder / below)} is there already; nothing was written")
            write_file(folder / below, text)
            made.append(folder / below)
    except BaseException:
        for path in reversed(made):
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def _make(folder: Path, mode: int) -> None:
    """Makes a folder with those above it; the mode holds for all of them."""
    for step in reversed((folder, *folder.parents)):
        if not step.exists():
            step.mkdir(mode, exist_ok=True)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()


def _umask() -> int:
    """The mask of this process, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


class _Dumper(yaml.SafeDumper):
    """PyYAML's safe dumper with the styles of a manifest."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        # Indented, a comment at the end of a list is told from one about the next field.
        super().increase_indent(flow, False)

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = None if is_text(text) else '"'
        if "\n" in text:
            style = "|"
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)

    def represent_items(self, items: Any) -> yaml.SequenceNode:
        scalars = all(not isinstance(item, list | tuple | dict) for item in items)
        short = sum(len(str(item)) + 2 for item in items) <= _FLOW_WIDTH
        flow = scalars and short and not isinstance(items, Tall)
        return self.represent_sequence("tag:yaml.org,2002:seq", items, flow)


_Dumper.add_representer(str, _Dumper.represent_text)
_Dumper.add_representer(list, _Dumper.represent_items)
_Dumper.add_representer(tuple, _Dumper.represent_items)
_Dumper.add_representer(Tall, _Dumper.represent_items)
