"""A secret pasted into a manifest is found, wherever it stands; words about secrets are not."""

import base64
import time

import pytest

from lebots.files.yaml.pasted import FORMS, pasted
from tests.cli.conftest import ROUTING_BOT, Project

A, N = "abcdefghij", "1234567890"
SECRETS = {
    "a private key": f"-----BEGIN RSA {'PRIVATE'} KEY-----",
    "an AWS access key": "AKIA" + "ABCDEFGH12345678",
    "a GitHub token": "ghp_" + (A + N) * 2,
    "a GitLab token": "glpat-" + A + N,
    "a Slack token": "xoxb-" + N + A,
    "a Google API key": "AIza" + (A + N) * 2,
    "a Stripe key": "sk_live_" + A + N,
    "an API key": "sk-proj-" + A + N + A,
    "an npm token": "npm_" + (A + N) * 2,
    "a PyPI token": "pypi-AgE" + A + N,
    "a Vault token": "hvs." + A + N + A,
    "a JSON Web Token": "eyJ" + A + N + ".eyJ" + A + N + "." + A,
    "a login in an address": "https://somebody:" + N + "@example.com/x",
    "32 or more hexadecimal digits": "8f14e45fceea167a" + "5a36dedd4bea2543",
    "a password": "password: " + "hunter22hunter",
}


def test_every_form_has_an_example() -> None:
    assert set(SECRETS) == set(FORMS)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("place", ["description: '{}'", "x: 1 # {}", "'{}': 1", "{{a: [b, '{}']}}"])
def test_it_is_found_and_not_quoted(name: str, place: str) -> None:
    (found,) = pasted(f"kind: Skill\n{place.format(SECRETS[name])}\n".encode(), "m.yaml")
    assert f"this looks like {name};" in found.message
    assert SECRETS[name] not in str(found)
    assert found.source
    assert found.source.line == 2


@pytest.mark.parametrize(
    "words",
    [
        "the password: see the vault",
        "client secret: delivered by lebots",
        "token of the routing bot",
        "https://example.com:8443/path@2",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "ask-for-the-name-of-the-customer-first",
        "a" * 64,
        base64.b64encode(b"plain words").decode(),
    ],
)
def test_words_are_no_secrets(words: str) -> None:
    assert list(pasted(f"description: {words}".encode(), "m.yaml")) == []


def test_validate_and_plan_refuse_it(lebots: Project) -> None:
    secret = SECRETS["a GitHub token"]
    lebots.write("manifests/routing-bot.yaml", ROUTING_BOT.replace("Login of", f"{secret} of"))
    for command in ("validate", "plan"):
        ran = lebots(command)
        assert ran.code == 4
        assert "this looks like a GitHub token" in ran.all
        assert secret not in ran.all


def test_a_hostile_file_is_searched_in_time() -> None:
    started = time.perf_counter()
    for text in (
        "eyJ" * 99_000,
        "sk-" * 99_000,
        "password=" * 99_000,
        "a0" * 99_000,
        "a:" * 99_000,
    ):
        list(pasted(text.encode(), "m.yaml"))
        list(pasted(text.replace("a", "a\n").encode(), "m.yaml"))
    assert time.perf_counter() - started < 10
