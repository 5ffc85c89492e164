"""A sink of files: one private file per key, written in one step; dotenv lines unless told."""

import errno
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from lebots.core.secret import SecretBytes
from lebots.credentials import Credential, envfile
from lebots.credentials.folder import Folder, Unsafe, walk
from lebots.credentials.template import filled
from lebots.errors import SinkError

_PLACEHOLDER = re.compile(r"\{(.*?)\}")
_ADVICE = {
    errno.EACCES: "give yourself the right to write there, or choose another path",
    errno.EPERM: "give yourself the right to write there, or choose another path",
    errno.EROFS: "choose a path that can be written",
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room on the disk",
    errno.ENAMETOOLONG: "choose a shorter path or key name",
}


class Form(Protocol):
    """How the text of a file is written and read; ``envfile`` and ``jsonfile`` are such forms."""

    def text(self, credential: Credential) -> bytes:
        """The file for a credential. Raises NotStorable."""

    def owner(self, content: bytes) -> tuple[str, str] | None:
        """Account and key name the text says it belongs to, even if its rest is damaged."""

    def parse(self, content: bytes) -> Credential:
        """The credential in a complete text, all values sealed. Raises Damaged."""


def fault(template: str) -> str:
    """What is wrong with the path of a sink and what to write instead; empty where it is fine."""
    placeholders = set(_PLACEHOLDER.findall(template))
    if "name" not in placeholders:
        return "the path must hold {name}, so that every key has a file of its own"
    if placeholders - {"name", "account"} or set("{}") & set(_PLACEHOLDER.sub("", template)):
        return "the path may hold {name} and {account}, and no other braces"
    if not template.isprintable():
        return "the path holds a control or invisible character; remove it"
    if template.startswith("~"):
        return "~ means nothing here; write an absolute path, or one below the project's folder"
    if ".." in template.split("/"):
        return "the path holds a step up (..); write where the files are in the end"
    if template.rsplit("/", 1)[-1] in ("", "."):
        return "the path names a folder; write a file, such as .secrets/{name}.env"
    return ""


class DotenvSink:
    """Credentials as dotenv files at a path with ``{name}`` and ``{account}`` in it.

    A relative path counts from ``root``. Raises SinkError for a path that ``fault`` refuses.
    """

    def __init__(self, name: str, template: str, root: Path, form: Form = envfile) -> None:
        if words := fault(template):
            raise SinkError(f"sink {json.dumps(name)}: {words}")
        self.name = name
        self._template, self._form = template, form
        self._start = Path("/") if template.startswith("/") else root

    def __repr__(self) -> str:
        return f"DotenvSink({self.name!r}, {self._template!r})"

    def place(self, account: str, key: str) -> str:
        """The path of the credential's file as the project writes it."""
        return filled(self._template, account, key)

    def probe(self) -> None:
        """Writes, reads back and removes a file; folders named after a key get a stand-in."""
        canary = f".lebots-probe-{secrets.token_hex(8)}"
        content = secrets.token_bytes(32)
        *steps, _ = self._steps(self._template)
        stand_ins = [canary if "{" in step else step for step in steps]
        with (
            self._explained(self._template),
            walk(self._start, stand_ins, make=True, undo=True) as folder,
        ):
            if folder is None:
                raise Unsafe("the folder cannot be made")
            try:
                folder.replace(canary, content)
                if folder.read(canary) != content:
                    raise Unsafe("what was written cannot be read back; choose another path")
            finally:
                folder.remove(canary)

    def write(self, credential: Credential) -> None:
        """Puts the file in place, unless what is there now belongs to something else."""
        account, key = credential.account, credential.key
        place = self.place(account, key)
        *steps, file = self._steps(place)
        with self._explained(place), walk(self._start, steps, make=True) as folder:
            content = SecretBytes(self._form.text(credential))
            if folder is None:
                raise Unsafe("the folder cannot be made")
            self._present(folder, file, account, key)
            if folder.empty:
                # So that nobody commits a secret: such folders often lie inside a work tree.
                folder.replace(".gitignore", b"*\n")
            folder.replace(file, content)

    def read(self, account: str, key: str) -> Credential | None:
        """The credential in the file, all values sealed; nothing in the file is executed."""
        place = self.place(account, key)
        *steps, file = self._steps(place)
        with self._explained(place), walk(self._start, steps, make=False) as folder:
            content = self._present(folder, file, account, key) if folder else None
            return None if content is None else self._form.parse(content)

    def read_back(self, account: str, key: str) -> str | None:
        """The id in the file, if the file is complete."""
        credential = self.read(account, key)
        return credential.id if credential else None

    def _present(self, folder: Folder, file: str, account: str, key: str) -> bytes | None:
        content = folder.read(file)
        if content is None:
            return None
        found = self._form.owner(content)
        if found is None:
            raise Unsafe("the file was not written by lebots or is damaged; move it away")
        if found[0] != account:
            raise Unsafe(
                "the file holds a credential of another account; "
                "add {account} to the path of the sink"
            )
        if found[1] != key:
            raise Unsafe("the file holds the credential of another key; move it away")
        return content

    @staticmethod
    def _steps(path: str) -> list[str]:
        return [step for step in path.split("/") if step not in ("", ".")]

    @contextmanager
    def _explained(self, place: str) -> Iterator[None]:
        try:
            yield
        except envfile.Damaged as damage:
            words = f"{damage}; move it away, and replace the key if its secret is lost"
        except (Unsafe, envfile.NotStorable) as problem:
            words = str(problem)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            advice = _ADVICE.get(error.errno or 0)
            words = f"{reason}; {advice}" if advice else reason
        else:
            return
        raise SinkError(f"sink {json.dumps(self.name)}: {place}: {words}")
