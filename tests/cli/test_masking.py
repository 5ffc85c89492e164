"""What GitHub's runner is told of secrets: each before its first use, and nobody else anything."""

import re
import subprocess
from pathlib import Path

import pytest

from lebots.core.model.ports import Credential
from lebots.core.model.secret import Secret
from lebots.run.inputs.masking import MaskingSink
from tests.cli.conftest import Project

ON_GITHUB = {"GITHUB_ACTIONS": "true", "LEBOTS_MASKS": "github"}
MASKED = re.compile(r"^::add-mask::(.+)$", re.MULTILINE)


def delivered(project: Project) -> str:
    """The secret that lies in the only credential file."""
    (file,) = (project.folder / ".secrets").rglob("*.env")
    found = re.search(r"^LP_SECRET='?([^'\n]+)", file.read_text(), re.MULTILINE)
    assert found
    return found[1]


def test_a_generated_secret_is_masked_before_anything_is_said_of_its_key(lebots: Project) -> None:
    process = lebots.process(
        "apply", "--yes", environment=ON_GITHUB, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = (stream.decode() for stream in process.communicate(timeout=60))
    assert process.returncode == 0
    secret = delivered(lebots)
    assert MASKED.findall(err) == [secret]
    assert secret not in out


@pytest.mark.parametrize("environment", [{}, {"GITHUB_ACTIONS": "true"}, {"LEBOTS_MASKS": ""}])
def test_nothing_is_said_anywhere_else(lebots: Project, environment: dict[str, str]) -> None:
    process = lebots.process(
        "apply", "--yes", environment=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"add-mask" not in out + err
    assert delivered(lebots).encode() not in out + err


def test_a_file_never_gets_a_secret(lebots: Project, tmp_path: Path) -> None:
    errors = tmp_path / "errors.txt"
    with errors.open("wb") as stream:
        process = lebots.process(
            "apply", "--yes", environment=ON_GITHUB, stdout=subprocess.DEVNULL, stderr=stream
        )
        assert process.wait(timeout=60) == 0
    assert "add-mask" not in errors.read_text()


def test_the_values_of_a_login_and_of_a_sink_are_masked_too(lebots: Project) -> None:
    lebots.write("secret.txt", "a-password-of-a-test\n")
    lebots.write(
        "lebots.yaml",
        """\
apiVersion: lebots/v1
kind: Project
accounts:
  production:
    accountId: "12345678"
    domain: localhost:1
    auth: {method: oauth2, clientId: {env: LP_CLIENT_ID}, clientSecret: {file: secret.txt}}
sinks:
  runtime: {type: dotenv, path: ".secrets/{name}.env"}
""",
    )
    process = lebots.process(
        "plan",
        environment={**ON_GITHUB, "LP_CLIENT_ID": "100%-mine"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _, err = process.communicate(timeout=60)
    assert MASKED.findall(err.decode()) == ["100%25-mine", "a-password-of-a-test"]


class Kept:
    """A sink in memory."""

    name = "kept"

    def __init__(self) -> None:
        self.held: Credential | None = None
        self.replaced: str | None = None
        self.notes: dict[tuple[str, str], str] = {}

    def probe(self) -> None: ...

    def announce(self, account: str, key: str, token: str) -> None:
        self.notes[account, key] = token

    def announced(self, account: str, key: str) -> str | None:
        return self.notes.get((account, key))

    def withdraw(self, account: str, key: str, token: str = "") -> None:
        del self.notes[account, key]

    def write(self, credential: Credential, replaces: str | None) -> None:
        self.held, self.replaced = credential, replaces

    def read(self, account: str, key: str) -> Credential | None:
        return self.held

    def read_back(self, account: str, key: str) -> str | None:
        return self.held.id if self.held else None

    def place(self, account: str, key: str) -> str:
        return f"{account}/{key}"


def test_the_masking_sink_changes_nothing_else() -> None:
    kept = Kept()
    sink = MaskingSink(kept, ON_GITHUB)
    credential = Credential("10000001", "faq", "7", {"LP_SECRET": Secret("x")})
    assert sink.read("10000001", "faq") is None
    sink.probe()
    sink.write(credential, "6")
    assert kept.held is credential
    assert kept.replaced == "6"
    sink.announce("1", "faq", "one")
    assert sink.announced("1", "faq") == "one"
    sink.withdraw("1", "faq", "one")
    assert sink.announced("1", "faq") is None
    assert sink.read("10000001", "faq") is credential
    assert sink.read_back("10000001", "faq") == "7"
    assert (sink.name, sink.place("1", "faq")) == ("kept", "1/faq")
    assert "x" not in repr(credential)
