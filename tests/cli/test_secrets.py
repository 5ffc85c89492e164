"""The generated secret is in its sink and in the account, and in no other place at all."""

import base64
import logging
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.cli.conftest import Project, refusing

SINK = Path(".secrets/55501234/routing-bot.env")


def delivered() -> str:
    found = re.search(r"^LP_SECRET=(\S+)$", SINK.read_text(), re.MULTILINE)
    assert found
    return found.group(1)


def forms(secret: str) -> Iterator[bytes]:
    """The secret as it is, and as encodings would hide it."""
    raw = secret.encode()
    yield raw
    yield raw[::-1]
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield quote(secret, safe="").encode()
    yield quote_plus(secret).encode()
    yield "".join(f"%{byte:02X}" for byte in raw).encode()
    for before in range(3):
        # Whatever stands before it, one of three shifts of its base64 form would be seen.
        for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
            yield alphabet(b"x" * before + raw)[4 : (before + len(raw)) // 3 * 4]


@pytest.fixture
def everything(lebots: Project, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What a whole life of commands printed and logged, with logging turned up."""
    for name in (None, "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    lebots.wrapper = refusing("POST", "/users", times=1)
    ran = [
        lebots("plan", "--out", "plan.json"),
        lebots("apply", "plan.json"),
        lebots("apply", "--yes", "--format", "json"),
        lebots("plan", "--format", "json"),
        lebots("plan", "--out", "after.json"),
        lebots("sandbox", "show"),
        lebots("sandbox", "show", "--format", "json"),
    ]
    assert [one.code for one in ran] == [0, 7, 0, 0, 0, 0, 0]
    assert "HTTP Request: POST" in caplog.text, "the client's own log is among what is searched"
    return [*(one.all for one in ran), caplog.text]


def test_the_secret_is_nowhere_else(everything: list[str], lebots: Project) -> None:
    secret = delivered()
    assert len(secret) >= 32
    kept = {lebots.folder / SINK, lebots.folder / ".lebots/sandbox.db"}
    files = [path for path in lebots.folder.rglob("*") if path.is_file() and path not in kept]
    assert {path.name for path in files} >= {"plan.json", "after.json", "lebots.yaml"}
    places = [text.encode() for text in everything] + [path.read_bytes() for path in files]
    for form in forms(secret):
        assert len(form) >= 24
        assert not any(form in place for place in places)


def test_the_search_would_find_it(lebots: Project) -> None:
    assert lebots("apply", "--yes").code == 0
    secret = delivered()
    hidden = [
        secret,
        base64.b64encode(f"user:{secret}".encode()).decode(),
        base64.b64encode(f"bots:{secret}!".encode()).decode(),
        secret.encode().hex(),
    ]
    for place in hidden:
        assert any(form.decode() in place for form in forms(secret))
    account = (lebots.folder / ".lebots/sandbox.db").read_bytes()
    assert secret.encode() in account, "the account itself holds it, or nothing is searched for"


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
