"""``lebots apply --receipt``: written on every end, with nothing that must stay secret."""

import json
import os
import signal
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lebots.core.model.address import Address
from lebots.core.model.change import Status
from lebots.credentials.files.dotenv_sink import DotenvSink
from lebots.documents.receipt import read, receipt_schema
from lebots.errors import Refused, SinkError, UsageError
from lebots.run import clock
from lebots.run.inputs.receipt import read as read_file
from tests.cli.conftest import ROUTING_BOT, Application, Project, Wrapper, refusing
from tests.cli.test_apply import ignoring
from tests.cli.test_interrupt import signalling

START = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
SINK = Path(".secrets/55501234/routing-bot.env")


def receipt(file: str = "receipt.json") -> Any:
    document = json.loads(Path(file).read_text())
    Draft202012Validator(receipt_schema()).validate(document)
    return document


def statuses(found: Any) -> list[str]:
    return [one["status"] for one in found["changes"]]


def test_a_run_that_did_everything(lebots: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([5, 9])
    monkeypatch.setattr(clock, "now", lambda: START.replace(second=next(seconds)))
    plan = lebots("plan", "--format", "json").json
    lebots.requests.clear()
    ran = lebots("apply", "--yes", "--receipt", "receipt.json")
    assert (ran.code, ran.err) == (0, "")
    found = receipt()
    times = found["startedAt"], found["endedAt"]
    assert times == ("2026-01-02T03:04:05Z", "2026-01-02T03:04:09Z")
    assert (found["account"], found["digest"]) == ("55501234", plan["digest"])
    assert found["converged"] is True
    assert found["summary"] == {"done": 3, "failed": 0, "blocked": 0, "unknown": 0, "held": 0}
    planned = [c for c in plan["changes"] if c["action"] == "create"]
    assert [(one["address"], one["digest"]) for one in found["changes"]] == [
        (change["address"], change["digest"]) for change in planned
    ]
    assert all(one["id"] and one["error"] is None for one in found["changes"])
    assert found["requests"]["writes"] == len(lebots.writes) == 3
    assert sum(found["requests"].values()) == len(lebots.requests)
    known = {one["address"]: one for one in found["baseline"]["objects"]}
    assert known.keys() == {f"{kind}/routing-bot" for kind in ("Skill", "Key", "BotUser")}
    ids = {one["address"]: one["id"] for one in found["changes"]}
    assert {address: one["id"] for address, one in known.items()} == ids
    assert "email" not in known["BotUser/routing-bot"]["fields"]
    assert "sink" not in known["Key/routing-bot"]["fields"]


def test_a_receipt_holds_no_secret_and_nothing_personal(lebots: Project) -> None:
    lebots.write(
        "manifests/routing-bot.yaml",
        ROUTING_BOT + "  mobileNumber: '+49 170 5550199'\n  employeeId: E-77881\n",
    )
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 0
    text = Path("receipt.json").read_text()
    values = dict(line.split("=", 1) for line in SINK.read_text().splitlines() if "=" in line)
    secret = values["LP_SECRET"].strip("'\"")
    for hidden in (secret, "private.person", "5550199", "E-77881"):
        assert len(hidden) > 6
        assert hidden not in text


def test_a_run_with_nothing_to_do_has_a_baseline_too(lebots: Project) -> None:
    assert lebots("apply", "--yes", "--receipt", "first.json").code == 0
    ran = lebots("apply", "--receipt", "second.json", "--format", "json")
    assert ran.code == 0
    first, second = receipt("first.json"), receipt("second.json")
    assert second["changes"] == []
    assert second["requests"]["writes"] == 0
    assert second["converged"] is True
    assert second["baseline"] == first["baseline"]


def test_a_narrowed_run_says_so(lebots: Project) -> None:
    arguments = ("apply", "--yes", "--target", "Skill/routing-bot", "--receipt", "receipt.json")
    assert lebots(*arguments).code == 0
    found = receipt()
    assert found["targets"] == ["Skill/routing-bot"]
    assert [one["address"] for one in found["baseline"]["objects"]] == ["Skill/routing-bot"]


def test_without_the_option_nothing_is_written(lebots: Project) -> None:
    assert lebots("apply", "--yes").code == 0
    assert list(lebots.folder.glob("*.json")) == []


# Every end


def test_a_run_that_did_a_part(lebots: Project) -> None:
    lebots.wrapper = refusing("POST", "/installations", 403)
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 7
    found = receipt()
    assert statuses(found) == ["done", "failed", "blocked"]
    assert "403" in found["changes"][1]["error"]
    assert (found["converged"], found["baseline"]) == (None, None)
    assert found["undelivered"] == [], "no key was made, so no secret was"


def answers_no_secret(
    application: Application, environ: dict[str, Any], start_response: Any
) -> Iterable[bytes]:
    """An account that never shows the secret of a key, not even once."""
    content = b"".join(application(environ, start_response))
    if "/installations" not in environ["PATH_INFO"]:
        return [content]
    return [content.replace(b'"client_secret"', b'"client_shadow"')]


def test_a_secret_that_did_not_arrive_is_named(lebots: Project) -> None:
    lebots.wrapper = answers_no_secret
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 7
    found = receipt()
    assert statuses(found) == ["done", "failed", "blocked"]
    assert found["undelivered"] == ["Key/routing-bot"]


def test_a_run_that_did_not_converge(lebots: Project) -> None:
    lebots.wrapper = ignoring("/skills", "description")
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 7
    found = receipt()
    assert statuses(found) == ["done"] * 3
    assert (found["converged"], found["baseline"]) == (False, None)


def test_an_account_that_is_gone_after_the_last_write(lebots: Project) -> None:
    gone: list[bool] = []

    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if gone and environ["REQUEST_METHOD"] == "GET":
            start_response("403 Gone", [("Content-Type", "text/html")])
            return [b"<html>"]
        if environ["REQUEST_METHOD"] == "POST" and "/users" in environ["PATH_INFO"]:
            gone.append(True)
        return application(environ, start_response)

    lebots.wrapper = wrapper
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 5
    found = receipt()
    assert statuses(found) == ["done"] * 3
    assert (found["converged"], found["baseline"]) == (None, None)


def test_an_interrupted_run(lebots: Project) -> None:
    lebots.wrapper = signalling(signal.SIGINT)
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 130
    assert statuses(receipt()) == ["done", "blocked", "blocked"]


def test_a_run_that_was_ended_at_once(lebots: Project) -> None:
    """Nobody knows what became of the write that was under way."""
    lebots.wrapper = signalling(signal.SIGINT, times=2)
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 130
    found = receipt()
    assert statuses(found) == ["unknown", "blocked", "blocked"]
    assert found["changes"][0]["error"] == "the run was ended while this change was under way"
    assert found["changes"][1]["error"] == "not started: the run ended before"


def test_a_sink_that_cannot_be_proved(lebots: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def probe(sink: DotenvSink) -> None:
        raise SinkError("the disk is full")

    monkeypatch.setattr(DotenvSink, "probe", probe)
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 5
    found = receipt()
    assert statuses(found) == ["blocked"] * 3, "nothing was started, so nothing is unknown"
    assert found["requests"]["writes"] == 0


def test_what_was_held_back(lebots: Project) -> None:
    assert lebots("plan", "--out", "plan.json").code == 0
    lebots.write("manifests/routing-bot.yaml", ROUTING_BOT.replace("takes first", "takes last"))
    assert lebots("apply", "plan.json", "--receipt", "receipt.json").code == 7
    assert statuses(receipt()) == ["held", "done", "blocked"]


@pytest.mark.parametrize(
    "arguments",
    [["--expect", "0" * 64], [], ["--target", "Skill/nobody", "--yes"], ["--account", "nobody"]],
    ids=" ".join,
)
def test_a_run_that_never_began_leaves_the_receipt_of_the_last_one(
    lebots: Project, arguments: list[str]
) -> None:
    """What was refused or declined did nothing that could be written down."""
    everything = ("apply", "--yes", "--receipt", "receipt.json")
    assert lebots(*everything, "--target", "Skill/routing-bot").code == 0
    last = Path("receipt.json").read_bytes()
    assert lebots("apply", "--receipt", "receipt.json", *arguments).code in (2, 6)
    assert Path("receipt.json").read_bytes() == last


# A receipt that cannot be written


@pytest.mark.parametrize("file", ["out", "\x1b[2J/../out"])
@pytest.mark.parametrize(("answer", "code"), [(None, 0), (refusing("POST", "/users"), 7)])
def test_it_never_changes_how_the_run_ends(
    lebots: Project, file: str, answer: Wrapper | None, code: int
) -> None:
    """The place was free when the run began."""

    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        Path(file).mkdir(parents=True, exist_ok=True)
        if answer:
            return answer(application, environ, start_response)
        return application(environ, start_response)

    lebots.wrapper = wrapper
    ran = lebots("apply", "--yes", "--receipt", file)
    assert ran.code == code
    assert "lebots: what was done is not written down: " in ran.err
    assert "cannot be written" in ran.err
    assert "\x1b" not in ran.all
    assert ran.out.count("done     create") == (3 if code == 0 else 2)


def test_a_receipt_replaces_an_older_one_in_one_step(lebots: Project) -> None:
    narrow = ("apply", "--yes", "--receipt", "out/receipt.json", "--target", "Skill/routing-bot")
    assert lebots(*narrow).code == 0
    assert lebots("apply", "--yes", "--receipt", "out/receipt.json").code == 0
    assert receipt("out/receipt.json")["targets"] == []
    assert [path.name for path in Path("out").iterdir()] == ["receipt.json"]


# Personal values in the vendor's words


def test_a_refusal_that_quotes_an_address_is_told_without_it(lebots: Project) -> None:
    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and "/users" in environ["PATH_INFO"]:
            start_response("400 Bad", [("Content-Type", "application/json")])
            return [b'{"message": "e-mail Private.Person@example.com is taken"}']
        return application(environ, start_response)

    lebots.wrapper = wrapper
    for format_ in ("text", "json"):
        ran = lebots("apply", "--yes", "--receipt", "receipt.json", "--format", format_)
        assert ran.code == 7
        assert "e-mail (personal) is taken" in ran.all
        for shown in (ran.all, Path("receipt.json").read_text()):
            assert "private.person" not in shown.lower()


# Reading one


def test_what_was_written_can_be_read(lebots: Project) -> None:
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 0
    found = read_file(Path("receipt.json"), "55501234")
    assert found == read(Path("receipt.json").read_bytes())
    assert found.entries[0].status is Status.DONE
    assert found.baseline is not None
    assert Address("Skill", "routing-bot") in found.baseline.at


def test_a_receipt_of_another_account_is_refused(lebots: Project) -> None:
    assert lebots("apply", "--yes", "--account", "staging", "--receipt", "receipt.json").code == 0
    account = receipt()["account"]
    words = f"receipt.json: a receipt of account {account}, this is account 55501234"
    with pytest.raises(Refused, match=words):
        read_file(Path("receipt.json"), "55501234")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere.json", "cannot be read (no such file or directory)"),
        ("folder", "is a directory|regular file"),
        ("pipe", "cannot be read (not a regular file)"),
        ("a\0b", "the path is not valid"),
    ],
)
def test_a_file_that_is_none(empty: Project, name: str, words: str) -> None:
    Path("folder").mkdir()
    os.mkfifo("pipe")
    with pytest.raises(UsageError) as caught:
        read_file(Path(name), "1")
    assert any(word in str(caught.value) for word in words.split("|"))


def test_a_text_that_is_none(empty: Project) -> None:
    empty.write("plan.json", "{}")
    with pytest.raises(Refused, match=r"plan\.json: the receipt is not of format 1"):
        read_file(Path("plan.json"), "1")
