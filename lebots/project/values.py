"""Values a project only names: where they are, and reading them when a run needs them."""

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from select import select
from typing import Any

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.core.model.secret import Secret
from lebots.core.model.value import Path as ValuePath
from lebots.documents.json_schema import filled, form, settings
from lebots.errors import InvalidInput
from lebots.files.bounded import content
from lebots.files.walk import read_bytes, shown
from lebots.project.children import for_children
from lebots.project.places import Places
from lebots.project.plan_key import PLAN_KEY

MAX_SECRET_BYTES = 64 * 1024
COMMAND_SECONDS = 60


@dataclass(frozen=True, slots=True)
class ValueSource:
    """Where a value is read from: exactly one of an environment variable, a file, a command."""

    place: Source
    env: str = ""
    file: Path | None = None
    command: tuple[str, ...] = ()
    folder: Path = Path()
    """Where the command runs."""


@dataclass(frozen=True, slots=True)
class AuthConfig:
    """How to authenticate: a key of ``METHODS`` and where each value it needs is."""

    method: str
    values: Mapping[str, ValueSource]


def value_schema() -> dict[str, Any]:
    """Where a value is read from; the file never holds it."""
    words = "the name of an environment variable, in capitals"
    variable = form(f"(?!{PLAN_KEY}$)[A-Z_][A-Z0-9_]*", f"{words}, and not {PLAN_KEY}")
    return {
        "description": "Where the value is read from when it is needed; never the value itself.",
        **settings(
            {
                "env": {**variable, "description": "Name of an environment variable."},
                "file": filled("File that holds the value and nothing else."),
                "command": {
                    "type": "array",
                    "items": {"type": "string"},
                    "minItems": 1,
                    "description": "Program and its arguments; the value is what it prints.",
                },
            }
        ),
        "minProperties": 1,
        "maxProperties": 1,
    }


def value_source(places: Places, entry: Any, here: ValuePath) -> ValueSource:
    """Where the value of an entry that stands ``here`` is read from."""
    env = entry.get("env", "")
    places.variables.add(env)
    return ValueSource(
        places.at(here),
        env=env,
        file=places.path(entry["file"], (*here, "file")) if "file" in entry else None,
        command=tuple(entry.get("command", ())),
        folder=places.folder,
    )


def resolve(
    source: ValueSource,
    environment: Mapping[str, str],
    children: Mapping[str, str] | None = None,
) -> Secret:
    """Reads a value from where it is; raises InvalidInput that names the place, never the value.

    A program that prints the value gets the environment of ``children``.
    """
    children = for_children(environment) if children is None else children
    value, words = _read_value(source, environment, children)
    if not words:
        if not value:
            words = "is empty"
        elif not value.isprintable():
            words = "holds more than one line, or a character that cannot be shown"
    if words:
        text = f"{_described(source)} {words}"
        raise InvalidInput([Finding("no-value", text, source=source.place)])
    return Secret(value)


def resolve_all(
    auth: AuthConfig,
    environment: Mapping[str, str],
    children: Mapping[str, str] | None = None,
) -> Mapping[str, Secret]:
    """Every value of a login by its name; raises InvalidInput with all that cannot be read."""
    values: dict[str, Secret] = {}
    findings: list[Finding] = []
    for name, source in auth.values.items():
        try:
            values[name] = resolve(source, environment, children)
        except InvalidInput as error:
            findings += [one for one in error.findings if isinstance(one, Finding)]
            continue
        # These values go into headers, where anything else than ASCII cannot be sent.
        if auth.method != "login" and not values[name].reveal().isascii():
            words = f"{_described(source)} holds a character outside ASCII"
            findings.append(Finding("no-value", words, source=source.place))
    if findings:
        raise InvalidInput(findings)
    return values


def _read_value(
    source: ValueSource, environment: Mapping[str, str], children: Mapping[str, str]
) -> tuple[str, str]:
    """The value, or an empty one and what went wrong."""
    if source.env:
        found = environment.get(source.env)
        return (found or "", "" if found is not None else "is not set; set it for this run")
    if source.file:
        data = read_bytes(source.file)
        return ("", data.message) if isinstance(data, Finding) else _decoded(data)
    return _run(source, children)


def _run(source: ValueSource, environment: Mapping[str, str]) -> tuple[str, str]:
    try:
        code, printed = _printed(source, environment, time.monotonic() + COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        return "", f"took more than {COMMAND_SECONDS} seconds"
    except OSError as error:
        return "", f"cannot be run ({(error.strerror or 'no reason given').lower()})"
    if code and len(printed) <= MAX_SECRET_BYTES:
        return "", f"ended with {code}"
    return _decoded(printed)


def _printed(source: ValueSource, environment: Mapping[str, str], ends: float) -> tuple[int, bytes]:
    """How a program ended and what it printed; one that prints too much, or for too long, is ended.

    It keeps the terminal and stderr: it may have to ask somebody.
    """

    def read(descriptor: int, most: int) -> bytes:
        if not select([descriptor], (), (), max(0.0, ends - time.monotonic()))[0]:
            raise subprocess.TimeoutExpired(source.command, COMMAND_SECONDS)
        return os.read(descriptor, most)

    with subprocess.Popen(  # noqa: S603 - no shell, and the project file is trusted
        source.command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=source.folder,
        env=dict(environment),
    ) as process:
        try:
            out = process.stdout.fileno() if process.stdout else -1
            printed = content(out, MAX_SECRET_BYTES, bytes, read)
            if len(printed) <= MAX_SECRET_BYTES:
                process.wait(max(0.0, ends - time.monotonic()))
        finally:
            process.kill()
    return process.returncode, printed


def _decoded(data: bytes) -> tuple[str, str]:
    if len(data) > MAX_SECRET_BYTES:
        return "", f"gives more than {MAX_SECRET_BYTES} bytes"
    try:
        return data.decode("utf-8").rstrip("\r\n"), ""
    except UnicodeDecodeError:
        return "", "gives something else than UTF-8 text"


def _described(source: ValueSource) -> str:
    if source.env:
        return f"the environment variable {source.env}"
    if source.file:
        return f"the file {shown(source.file)}"
    return "the command"
