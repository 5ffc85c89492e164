"""The generated secret is in its sink and in the account, and in no other place at all."""

import importlib
import json
import logging
import pkgutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatch
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

import lebots as package
from lebots.account.auth import AuthBusy
from lebots.cli import main
from lebots.core.model.finding import Finding
from lebots.core.model.ports import Credential, Item
from lebots.core.model.secret import Secret
from lebots.core.vendor.attribute import ForeignShape
from lebots.credentials.files.folder import Unsafe
from lebots.errors import Conflict, InvalidInput, LebotsError, Rejected, SinkOutcomeUnknown
from lebots.run.inputs import embedded
from tests.canary import CANARY, Chance, hits
from tests.cli.conftest import ROUTING_BOT, Application, Project, refusing
from tests.night import by_day
from tests.simulation.witness import Witness, texts

SINK = Path(".secrets/55501234/routing-bot.env")
ACCOUNT = Path(".lebots/sandbox.db")


@pytest.fixture
def secretive(lebots: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose account makes secrets that are found in any form; nobody waits for it."""
    monkeypatch.setattr("lebots.account.pace.SERVER_ERROR_WAITS", ())
    monkeypatch.setattr(
        embedded, "Sandbox", lambda path, **more: lebots.open(path, random=Chance(1), **more)
    )
    return lebots


def files(project: Project) -> Iterator[tuple[str, bytes]]:
    """Every file of the project, with its content."""
    for path in project.folder.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(project.folder)), path.read_bytes()


@pytest.fixture
def everything(secretive: Project, caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """What a whole life of commands printed and logged, with logging turned up."""
    for name in (None, "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    secretive.wrapper = refusing("POST", "/users", times=1)
    ran = [
        secretive("plan", "--out", "plan.json"),
        secretive("apply", "plan.json"),
        secretive("apply", "--yes", "--format", "json"),
        secretive("plan", "--format", "json"),
        secretive("plan", "--out", "after.json"),
        secretive("sandbox", "show"),
        secretive("sandbox", "show", "--format", "json"),
    ]
    assert [one.code for one in ran] == [0, 7, 0, 0, 0, 0, 0]
    assert "HTTP Request: POST" in caplog.text, "the client's own log is among what is searched"
    return [*((f"command {n}", one.all) for n, one in enumerate(ran)), ("log", caplog.text)]


def test_the_secret_is_nowhere_else(everything: list[tuple[str, str]], secretive: Project) -> None:
    found = list(files(secretive))
    assert {name for name, _ in found} >= {"plan.json", "after.json", "lebots.yaml"}
    assert set(hits([*everything, *found])) == {str(SINK), str(ACCOUNT)}


def test_only_the_owner_can_read_it(lebots: Project) -> None:
    assert lebots("apply", "--yes").code == 0
    for file in (SINK, Path(".lebots/sandbox.db")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for folder in (SINK.parent, SINK.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_git_does_not_see_it(lebots: Project) -> None:
    assert lebots("apply", "--yes").code == 0
    assert (SINK.parent / ".gitignore").read_text() == "*\n"


def test_a_manifest_that_holds_a_secret_is_refused_without_quoting_it(lebots: Project) -> None:
    text = (lebots.folder / "manifests/routing-bot.yaml").read_text()
    for field in ("secret", "client_secret", "password"):
        lebots.write("manifests/routing-bot.yaml", f"{text}  {field}: hunter2-hunter2\n")
        for command in (["plan"], ["validate"], ["validate", "--format", "json"]):
            ran = lebots(*command)
            assert ran.code == 4
            assert "hunter2" not in ran.all


def test_a_project_that_holds_a_secret_is_refused_without_quoting_it(lebots: Project) -> None:
    text = (lebots.folder / "lebots.yaml").read_text()
    lebots.write("lebots.yaml", text.replace("{env: LP_CLIENT_SECRET}", "hunter2-hunter2"))
    for command in (["plan"], ["validate", "--format", "json"], ["sandbox", "show"]):
        ran = lebots(*command)
        assert ran.code == 4
        assert "name a variable: {env: NAME}" in ran.all
        assert "hunter2" not in ran.all


# Answers that hold a secret where none belongs

Answers = Callable[[bytes, bytes], tuple[int, bytes]]
"""From what was sent and what the account would have answered to what is answered."""


def says(status: int, **said: Any) -> tuple[int, bytes]:
    return status, json.dumps(said).encode()


def parts(sent: bytes) -> list[Any]:
    return [*(json.loads(sent) if sent else {}).values(), "nothing"]


def renamed(content: bytes) -> bytes:
    return content.replace(b'"client_name":"routing-bot"', b'"client_name":"another"')


ANSWERS: Mapping[str, Answers] = {
    "refused, quoting what was sent": lambda sent, real: says(400, message=f"No: {sent.decode()}"),
    "refused, quoting it in parts": lambda sent, real: says(400, message="No", fields=parts(sent)),
    "refused with a part for a code": lambda sent, real: says(400, internalCode=parts(sent)[-1]),
    "quoted after much else": lambda sent, real: says(400, message="x" * 280 + sent.decode()),
    "failed, quoting what was sent": lambda sent, real: says(500, message=sent.decode()),
    "a page that quotes it": lambda sent, real: (403, b"<html>" + sent),
    "cut": lambda sent, real: (200, real[:-4]),
    "with a byte too many": lambda sent, real: (200, real + b"\xff"),
    "twice in a list": lambda sent, real: (200, b"[" + real + b"," + real + b"]"),
    "of another object": lambda sent, real: (200, renamed(real)),
    "nested too deeply": lambda sent, real: (200, b"[" * 60 + real + b"]" * 60),
    "a name twice": lambda sent, real: (200, real.replace(b"{", b'{"client_name":"x",', 1)),
}
REQUESTS = [
    ("GET", "installations"),
    ("POST", "installations"),
    ("GET", "installations/*"),
    ("PUT", "installations/*"),
]


def answering(method: str, last: str, answers: Answers) -> Any:
    """An account that answers one kind of request in another way."""

    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        sent = environ["wsgi.input"].read(length) if length else b""
        environ["wsgi.input"] = BytesIO(sent)
        if not (environ["REQUEST_METHOD"] == method and fnmatch(environ["PATH_INFO"], f"*/{last}")):
            return application(environ, start_response)
        headers: list[tuple[str, str]] = []

        def keep(status: str, found: list[tuple[str, str]], *rest: Any) -> None:
            headers.extend((name, text) for name, text in found if name != "Content-Length")

        real = b"".join(application(environ, keep))
        status, content = answers(sent, real)
        start_response(f"{status} Made up", headers)
        return [content]

    return wrapper


def told(*command: str) -> list[str]:
    """Where in all that a command tells a secret stands."""
    witness = Witness()
    with witness.watching(), pytest.raises(SystemExit):
        main(command)
    return hits([*witness.shown(), *witness.noted()])


@pytest.mark.parametrize(("method", "last"), REQUESTS)
@pytest.mark.parametrize("name", by_day(list(ANSWERS), list(ANSWERS)[::3]))
def test_no_answer_makes_an_error_tell_a_secret(
    secretive: Project, name: str, method: str, last: str
) -> None:
    manifest = ROUTING_BOT.replace("Login of", "A login of")
    if method != "POST":
        assert secretive("apply", "--yes").code == 0
        secretive.write("manifests/routing-bot.yaml", manifest)
    secretive.wrapper = answering(method, last, ANSWERS[name])
    before = len(secretive.requests)
    assert told("apply", "--yes") == []
    assert any(fnmatch(one, f"{method} */{last}") for one in secretive.requests[before:])


def test_the_way_an_error_is_made_can_tell_one(
    secretive: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counter-check: with nothing withheld, the same search finds it."""
    monkeypatch.setattr("lebots.account.wire.contains_secret", lambda text: False)
    assert secretive("apply", "--yes").code == 0
    secretive.write("manifests/routing-bot.yaml", ROUTING_BOT.replace("Login of", "A login of"))
    secretive.wrapper = answering(
        "PUT", "installations/*", ANSWERS["refused, quoting what was sent"]
    )
    assert {"stdout", "Rejected"} <= set(told("apply", "--yes"))


# Errors

MADE: Mapping[type[Exception], Callable[[str], Exception]] = {
    InvalidInput: lambda words: InvalidInput([Finding("code", words), Finding("code", words)]),
    Rejected: lambda words: Rejected(words, 400, (words,)),
    Conflict: lambda words: Conflict(words, 409, (words,)),
    ForeignShape: lambda words: ForeignShape(words, words, words),
    AuthBusy: lambda words: AuthBusy(words, 429, httpx.Headers({"Retry-After": "1"})),
}
"""How those errors are made that take more than words."""


def error_types() -> list[type[Exception]]:
    """Every public type of error, those of the sandbox aside: that is another program."""
    found = set()
    for module in pkgutil.walk_packages(package.__path__, "lebots."):
        if not module.name.startswith("lebots.sandbox"):
            for one in vars(importlib.import_module(module.name)).values():
                own = isinstance(one, type) and one.__module__.startswith("lebots.")
                if own and issubclass(one, Exception) and not one.__name__.startswith("_"):
                    found.add(one)
    assert {LebotsError, SinkOutcomeUnknown, Unsafe} <= found
    return sorted(found, key=lambda one: (one.__module__, one.__name__))


def fails(make: Callable[[str], Exception]) -> None:
    """Raises an error next to secrets, in words that are made of them."""
    secret = Secret(CANARY)
    credential = Credential("1", "robot", "id", {"LP_SECRET": secret, "LP_APPKEY": "id"})
    item = Item({"client_secret": secret, "capabilities": [{"header_value": secret}]}, "7")
    try:
        raise LebotsError(f"{secret}: {credential}")
    except LebotsError as before:
        words = f"{secret} {secret!r} {secret:>9} {credential} {item} {[secret]} {before}"
        raise make(words + " %s %r" % (secret, secret)) from before  # noqa: UP031


@pytest.mark.parametrize("type_", error_types(), ids=lambda one: one.__name__)
def test_no_type_of_error_tells_the_secrets_around_it(type_: type[Exception]) -> None:
    with pytest.raises(type_) as caught:
        fails(MADE.get(type_, type_))
    said = list(texts(caught.value))
    assert len(said) > 5
    assert "credential = Credential(" in "".join(said), "the values of frames are among it"
    assert not hits([("error", text) for text in said])


@pytest.mark.parametrize("way", ["__repr__", "__str__", "__format__"])
def test_a_secret_that_shows_itself_would_be_found(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(Secret, way, lambda secret, *about: secret.reveal())
    with pytest.raises(LebotsError) as caught:
        fails(LebotsError)
    assert hits([("error", text) for text in texts(caught.value)])
