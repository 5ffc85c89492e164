"""Interrupts: the write in flight is finished, the rest is left to the next run."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from typing import Any

import pytest

from tests.cli.conftest import Application, Project, Wrapper, text_of
from tests.night import by_day

SLOW = """
import sys, time
from lebots.cli import main
from lebots.run.inputs import embedded
from lebots.sandbox import Sandbox

def open_(path, **more):
    sandbox = Sandbox(path, **more)
    application = sandbox.app
    def slow(environ, start_response):
        if environ["REQUEST_METHOD"] == "POST":
            print("writing", file=sys.stderr, flush=True)
            time.sleep(0.5)
        return application(environ, start_response)
    slow.lags = False
    sandbox.app = slow
    return sandbox

embedded.Sandbox = open_
main()
"""


SILENT = """
apiVersion: lebots/v1
kind: Project
accounts:
  silent:
    accountId: "12345678"
    domain: DOMAIN
    auth: {method: login, username: {env: PATH}, password: {env: PATH}}
  sandbox:
    sandbox: .lebots/sandbox.db
sinks:
  runtime: {type: dotenv, path: ".secrets/{name}.env"}
"""


def signalling(number: int, times: int = 1) -> Wrapper:
    """An account during whose first write a signal arrives."""
    left = [times]

    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        while environ["REQUEST_METHOD"] == "POST" and left[0]:
            left[0] -= 1
            signal.raise_signal(number)
        return application(environ, start_response)

    return wrapper


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_write_in_flight_is_finished(lebots: Project, number: int) -> None:
    handler = signal.getsignal(number)
    lebots.wrapper = signalling(number)
    ran = lebots("apply", "--yes")
    assert ran.code == 130
    assert "[1/3] done     create  skill" in ran.out
    assert ran.out.count("not started: the run was interrupted") == 2
    assert "OUTCOME  1 done, 2 blocked" in ran.out
    assert ran.err == "lebots: interrupted; a new run does the rest\n"
    assert len(lebots.writes) == 1
    assert signal.getsignal(number) == handler
    lebots.wrapper = None
    assert lebots("apply", "--yes").code == 0
    assert len(lebots.writes) == 3
    assert lebots("plan", "--check").code == 0


def test_outcomes_of_an_interrupted_run_as_json(lebots: Project) -> None:
    lebots.wrapper = signalling(signal.SIGINT)
    ran = lebots("apply", "--yes", "--format", "json")
    assert ran.code == 130
    assert [one["status"] for one in ran.json["outcomes"]] == ["done", "blocked", "blocked"]


@pytest.mark.parametrize("format_", ["text", "json"])
def test_waiting_for_an_account_that_is_busy_can_be_interrupted(
    lebots: Project, format_: str
) -> None:
    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and "/users" in environ["PATH_INFO"]:
            signal.raise_signal(signal.SIGINT)
            start_response("429 Too many", [("Retry-After", "30")])
            return []
        return application(environ, start_response)

    lebots.wrapper = wrapper
    ran = lebots("apply", "--yes", "--format", format_)
    assert ran.code == 130
    assert ran.all.count(" done ") >= 2
    if format_ == "json":
        assert ran.json["summary"]["done"] == 2
    lebots.wrapper = None
    lebots.requests.clear()
    assert lebots("apply", "--yes").code == 0
    assert len(lebots.writes) == 1


def test_a_second_signal_ends_the_run_at_once(lebots: Project) -> None:
    lebots.wrapper = signalling(signal.SIGINT, times=2)
    ran = lebots("apply", "--yes")
    assert ran.code == 130
    assert "Traceback" not in ran.all
    lebots.wrapper = None
    assert lebots("apply", "--yes").code == 0, "nothing is left behind that stands in the way"


def test_an_interrupt_after_the_last_write_keeps_the_outcomes(lebots: Project) -> None:
    written: list[bool] = []

    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and "/users" in environ["PATH_INFO"]:
            written.append(True)
        elif written:
            raise KeyboardInterrupt
        return application(environ, start_response)

    lebots.wrapper = wrapper
    ran = lebots("apply", "--yes", "--format", "json")
    assert ran.code == 130
    assert ran.json["summary"]["done"] == 3
    assert ran.json["converged"] is None


@pytest.mark.parametrize("command", [["plan"], ["validate"], ["sandbox", "show"]], ids=" ".join)
def test_an_interrupted_command_ends_quietly(
    lebots: Project, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    def load(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lebots.project.load", load)
    ran = lebots(*command)
    assert ran.code == 130
    assert ran.all.strip() == ""


SILENTLY = [["plan", "--all-accounts"], ["plan", "--account", "silent"]]


@pytest.mark.enable_socket
@pytest.mark.parametrize("command", by_day(SILENTLY, SILENTLY[:1]))
def test_an_account_that_is_silent_is_not_waited_for(lebots: Project, command: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        domain = f"127.0.0.1:{server.getsockname()[1]}"
        lebots.write("lebots.yaml", SILENT.replace("DOMAIN", domain))
        process = lebots.process(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        server.settimeout(20)
        connection, _ = server.accept()
        with connection:
            connection.recv(1)
            before = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, err = text_of(process)
    assert process.returncode == 130
    assert time.monotonic() - before < 5
    assert "Traceback" not in err


def test_a_process_that_is_interrupted_while_it_writes(lebots: Project) -> None:
    process = lebots.process(
        "apply", "--yes", program=SLOW, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    assert process.stderr.readline() == b"writing\n"
    process.send_signal(signal.SIGINT)
    out, err = text_of(process)
    assert process.returncode == 130
    assert "[1/3] done     create  skill" in out
    assert err == "lebots: interrupted; a new run does the rest\n"
    again = lebots("apply", "--yes")
    assert again.code == 0
    assert "2 to create" in again.out
