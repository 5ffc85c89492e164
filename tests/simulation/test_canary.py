"""The search for secrets in all that a run tells finds them, wherever and in whatever form."""

import base64
import html
import json
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from lebots.core import strict_json
from lebots.core.model.change import FieldChange
from lebots.core.model.ports import Credential
from lebots.core.model.secret import Secret
from lebots.errors import SinkError
from tests.canary import CANARY, HALVES, hits
from tests.simulation.ports import Vault
from tests.simulation.world import World

RAW = CANARY.encode()
FORMS: dict[str, str | bytes] = {
    "as it is": f"secret={CANARY};",
    "in UTF-8": b"\xff" + RAW,
    **{f"base64 after {n}": base64.b64encode(b"u" * n + RAW + b"!") for n in range(3)},
    **{f"base64 for URLs after {n}": base64.urlsafe_b64encode(b"u" * n + RAW) for n in range(3)},
    "hex": RAW.hex(),
    "upper hex": RAW.hex().upper(),
    "URL": quote(CANARY, safe=""),
    "path": quote(CANARY),
    "form": quote_plus(CANARY),
    "URL in lower case": re.sub("%..", lambda found: found[0].lower(), quote(CANARY)),
    "JSON": json.dumps({"secret": CANARY}),
    "JSON in UTF-8": json.dumps(CANARY, ensure_ascii=False),
    "JSON in JSON": json.dumps(json.dumps(CANARY)),
    "repr": repr([CANARY]),
    "repr of bytes": repr(RAW),
    "HTML": html.escape(CANARY),
    "backwards": CANARY[::-1],
    "half": HALVES[0],
    "the other half": HALVES[1],
}


@pytest.mark.parametrize("form", FORMS)
def test_the_canary_is_found_in_each_form(form: str) -> None:
    assert hits([("clean", "nothing"), (form, FORMS[form])]) == [form]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "project")


def test_the_account_and_the_sink_hold_nothing_but_canaries(world: World) -> None:
    assert world.run().done
    made = world.sandbox.find("installations", "robot")
    delivered: Any = world.vault.held["robot"].values["LP_SECRET"]
    assert delivered.reveal() == made["client_secret"]
    assert made["client_secret"].startswith(CANARY)
    assert made["client_secret"] != CANARY, "each is another one"
    assert world.sandbox.find("installations", "made by hand")["client_secret"] == CANARY
    assert world.sandbox.find("appKeys", "legacy-bots")["appSecret"] == CANARY


@pytest.fixture
def leaks(world: World) -> Callable[..., set[str]]:
    """Where secrets and personal values are found, in the runs of a lebots that was broken."""

    def search(schedule: dict[int, str] | None = None) -> set[str]:
        start = world.now()
        found = set(world.run(schedule or {}).hits)
        world.back_to(start)
        return found

    return search


def test_nothing_is_found_in_what_works(leaks: Callable[..., set[str]]) -> None:
    assert leaks() == set()
    assert leaks({13: "fails"}) == set()


def test_a_secret_that_shows_itself_is_seen_in_tracebacks(
    leaks: Callable[..., set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Secret, "__repr__", Secret.reveal)
    assert leaks({12: "fails"}) == {"SinkError"}
    assert leaks({12: "crash"}) == {"Crash"}


def test_an_error_that_quotes_a_secret_is_seen_in_all_that_tells_of_it(
    leaks: Callable[..., set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Vault.write

    def quoting(self: Vault, credential: Credential, replaces: str | None) -> None:
        for value in credential.values.values():
            if isinstance(value, Secret):
                raise SinkError(f"no room for {value.reveal()}")
        write(self, credential, replaces)

    monkeypatch.setattr(Vault, "write", quoting)
    assert leaks() >= {
        "stdout",
        "SinkError",
        "plain.plan.outcomes",
        "documents.outcome.outcomes",
    }


def test_a_body_that_is_logged_is_seen(
    leaks: Callable[..., set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = strict_json.loads

    def logged(content: bytes) -> Any:
        logging.getLogger("lebots.test").debug("answer: %s", content.decode())
        return loads(content)

    monkeypatch.setattr("lebots.account.answers.loads", logged)
    assert leaks() == {"log of lebots.test"}


def test_a_body_that_is_printed_or_kept_is_seen(
    leaks: Callable[..., set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = strict_json.loads

    def told(content: bytes) -> Any:
        print(content.hex(), file=sys.stderr)
        with Path("answers.txt").open("ab") as file:
            file.write(base64.b64encode(content))
        return loads(content)

    monkeypatch.setattr("lebots.account.answers.loads", told)
    assert leaks() == {"stderr", "answers.txt"}


def test_a_personal_value_that_is_drawn_is_seen(
    leaks: Callable[..., set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = FieldChange.__init__

    def public(self: FieldChange, *about: Any, **more: Any) -> None:
        made(self, *about, **more)
        object.__setattr__(self, "personal", False)

    monkeypatch.setattr(FieldChange, "__init__", public)
    assert leaks() >= {
        f"{place}: personal" for place in ("stdout", "plain.plan.plan", "documents.plan.plan")
    }
