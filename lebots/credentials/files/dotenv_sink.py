"""A sink of files: one private file per key, written in one step; dotenv lines unless told."""

import errno
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from lebots.core.model.ports import Credential
from lebots.core.model.secret import SecretBytes
from lebots.core.quoting import quoted
from lebots.core.strict_json import loads_or_none
from lebots.credentials.content import intent
from lebots.credentials.content.storable import Damaged, NotStorable
from lebots.credentials.content.template import filled
from lebots.credentials.files import envfile
from lebots.credentials.files.folder import TEMPORARY, Folder, Unsafe, walk
from lebots.errors import LebotsError, Refused, SinkError, SinkRefused
from lebots.files.inside import before_placeholders, followed, leads_out

KeepOut = Callable[[Path, Mapping[str, str]], None]
_IGNORE = ".gitignore"
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
    if template.rsplit("/", 1)[-1].startswith(TEMPORARY):
        return (
            f"the name of the file begins with {TEMPORARY}, as temporary files do; choose another"
        )
    return ""


class DotenvSink:
    """Credentials as dotenv files at a path with ``{name}`` and ``{account}`` in it.

    A relative path counts from ``root``. ``keep_out`` raises where a folder's files of some names
    would be shared with others; beside each name is the line of an ignore file for it. Raises
    SinkError for a path that ``fault`` refuses.
    """

    def __init__(
        self,
        name: str,
        template: str,
        root: Path,
        form: Form = envfile,
        keep_out: KeepOut | None = None,
    ) -> None:
        if words := fault(template):
            raise SinkError(f"sink {quoted(name)}: {words}")
        self.name = name
        self._template, self._form, self._keep_out = template, form, keep_out
        self._start = Path("/") if template.startswith("/") else root
        self._outside = leads_out(self._start / before_placeholders(template), root)
        last = template.rsplit("/", 1)[-1]
        self._ending = last.rpartition("}")[2] if "}" in last else ""
        # Files of any name cannot be told from others: only a folder of their own is ignored.
        self._pattern = _line(last) if _PLACEHOLDER.sub("", last) else ""
        self._asked: dict[tuple[str, ...], set[str]] = {}
        """Files the run was asked about, by folder: those are what it may write."""

    def __repr__(self) -> str:
        return f"DotenvSink({self.name!r}, {self._template!r})"

    def place(self, account: str, key: str) -> str:
        """The credential's file as the project writes it; whether it is outside the project."""
        file = filled(self._template, account, key)
        return f"{file} (outside the project)" if self._outside else file

    def probe(self) -> None:
        """Proves every folder the run was asked about; before that, one of a stand-in for a key."""
        canary = f"{TEMPORARY}probe-{secrets.token_hex(8)}"
        *steps, file = _steps(self._template)
        stand_ins = tuple(canary if "{" in step else step for step in steps)
        for folder, files in (self._asked or {stand_ins: {_PLACEHOLDER.sub("x", file)}}).items():
            with self._explained(self._template):
                self._prove(folder, canary, sorted(files))

    def _prove(self, steps: Sequence[str], canary: str, files: Sequence[str]) -> None:
        """Writes, reads back and removes a file; what killed runs left behind goes with it."""
        content = secrets.token_bytes(32)
        with self._writing(steps, undo=True) as folder:
            folder.sweep()
            made, proven = not folder.holds(_IGNORE), False
            empty = not folder.names()
            try:
                self._ignore(folder)
                folder.replace(canary, content, self._ending)
                if folder.read(canary) != content:
                    raise Unsafe("what was written cannot be read back; choose another path")
                if self._keep_out:
                    at = followed(self._start).joinpath(*steps)
                    lines = {file: self._pattern or _line(file) for file in files}
                    self._keep_out(at, {**lines, TEMPORARY + self._ending: f"/{TEMPORARY}*"})
                proven = True
            finally:
                folder.remove(canary)
                if made and (empty or not proven):
                    folder.remove(_IGNORE)

    def announce(self, account: str, key: str, token: str) -> None:
        """Puts the note beside the credential's file, if none stands there."""
        place, steps, file = self._located(account, key)
        with self._explained(place), self._writing(steps) as folder:
            if self._note(folder, file, account, key) is None:
                content = json.dumps(intent.document(account, key, token)).encode() + b"\n"
                self._ignore(folder)
                folder.replace(self._beside(file), content, self._ending)

    def announced(self, account: str, key: str) -> str | None:
        """The token in the note beside the credential's file."""
        place, steps, file = self._located(account, key)
        with self._explained(place), walk(self._start, steps, make=False) as folder:
            return self._note(folder, file, account, key) if folder else None

    def withdraw(self, account: str, key: str, token: str = "") -> None:
        """Removes the note beside the credential's file."""
        place, steps, file = self._located(account, key)
        with self._explained(place), walk(self._start, steps, make=False) as folder:
            if folder is None:
                return
            with folder.locked():
                held = self._note(folder, file, account, key)
                if held is not None and token in ("", held):
                    folder.remove(self._beside(file))
                    folder.flush()

    def write(self, credential: Credential, replaces: str | None) -> None:
        """Puts the file in place, unless another credential is there now than was expected."""
        account, key = credential.account, credential.key
        place, steps, file = self._located(account, key)
        with self._explained(place):
            content = SecretBytes(self._form.text(credential))
            with self._writing(steps) as folder:
                present = self._present(folder, file, account, key)
                if present is not None:
                    intent.require_unmoved(self._form.parse(present).id, replaces, credential.id)
                self._ignore(folder)
                folder.replace(file, content, self._ending)

    def read(self, account: str, key: str) -> Credential | None:
        """The credential in the file, all values sealed; nothing in the file is executed."""
        place, steps, file = self._located(account, key)
        self._asked.setdefault(tuple(steps), set()).add(file)
        with self._explained(place), walk(self._start, steps, make=False) as folder:
            content = self._present(folder, file, account, key) if folder else None
            return None if content is None else self._form.parse(content)

    def read_back(self, account: str, key: str) -> str | None:
        """The id in the file, if the file is complete."""
        credential = self.read(account, key)
        return credential.id if credential else None

    @contextmanager
    def _writing(self, steps: Sequence[str], *, undo: bool = False) -> Iterator[Folder]:
        """The folder at the end of the steps, made where it is missing, for this run alone."""
        with walk(self._start, steps, make=True, undo=undo) as folder:
            if folder is None:
                raise Unsafe("the folder cannot be made")
            with folder.locked():
                yield folder

    def _ignore(self, folder: Folder) -> None:
        """Makes an ignore file where there is none, so that nobody commits a secret.

        Such folders often lie inside a work tree. One that is somebody's own is kept as it is.
        """
        names = folder.names()
        if _IGNORE not in names and (self._pattern or not names):
            lines = [self._pattern, f"/{TEMPORARY}*", f"/.*{intent.ENDING}"] if names else ["*"]
            folder.replace(_IGNORE, "".join(f"{line}\n" for line in lines).encode())

    def _located(self, account: str, key: str) -> tuple[str, list[str], str]:
        place = filled(self._template, account, key)
        *steps, file = _steps(place)
        return place, steps, file

    def _beside(self, file: str) -> str:
        """The name of the note; no two files of a sink differ in their ending alone."""
        return f".{file.removesuffix(self._ending)}{intent.ENDING}"

    def _note(self, folder: Folder, file: str, account: str, key: str) -> str | None:
        content = folder.read(self._beside(file))
        if content is None:
            return None
        return intent.token_in(loads_or_none(content), account, key)

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

    @contextmanager
    def _explained(self, place: str) -> Iterator[None]:
        kind: type[LebotsError] = SinkError
        try:
            yield
        except Damaged as damage:
            words = f"{damage}; move it away, and replace the key if its secret is lost"
        except (Unsafe, NotStorable) as problem:
            kind, words = SinkRefused, str(problem)
        except (SinkError, Refused) as error:
            kind, words = type(error), str(error)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            advice = _ADVICE.get(error.errno or 0)
            words = f"{reason}; {advice}" if advice else reason
        else:
            return
        raise kind(f"sink {quoted(self.name)}: {place}: {words}")


def _steps(path: str) -> list[str]:
    return [step for step in path.split("/") if step not in ("", ".")]


def _line(step: str) -> str:
    """The line of an ignore file for every file a step of a path can stand for."""
    literal = re.sub(r"([\\*?\[ ])", r"\\\1", step)
    return "/" + _PLACEHOLDER.sub("*", literal)
