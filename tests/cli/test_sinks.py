"""Other sinks than files, from the command line: delivered once, seen by the next plan, used."""

import json
import sys
from pathlib import Path

from tests.cli.conftest import LEBOTS_YAML, Project

STORE = Path(__file__).parents[1] / "credentials" / "programs" / "store.py"
DOTENV = "type: dotenv\n    path: .secrets/{account}/{name}.env\n"


def with_program(lebots: Project, *ways: str) -> None:
    command = json.dumps([sys.executable, "-IS", str(STORE), *ways])
    settings = f"type: command\n    command: {command}\n    fields: oauth2\n"
    assert DOTENV in LEBOTS_YAML
    lebots.write("lebots.yaml", LEBOTS_YAML.replace(DOTENV, settings))


def test_a_program_gets_the_secret_and_verify_logs_in_with_it(lebots: Project) -> None:
    with_program(lebots)
    applied = lebots("apply", "--yes")
    assert applied.code == 0
    stored = json.loads((lebots.folder / "store.json").read_text())["routing-bot"]
    assert stored["account"] == stored["values"]["account"] == "55501234"
    assert stored["id"] == stored["values"]["client_id"]
    assert stored["values"].keys() == {"account", "client_id", "client_secret"}
    assert stored["values"]["client_secret"] not in applied.all
    assert lebots("plan", "--check").code == 0
    assert lebots("verify", "--yes").code == 0


def test_a_program_that_refuses_the_probe_stops_the_run_before_the_first_write(
    lebots: Project,
) -> None:
    with_program(lebots, "probe refused")
    ran = lebots("apply", "--yes")
    assert ran.code == 5
    assert '"probe" ended with exit code 3; it says' in ran.err
    assert "\x1b" not in ran.err
    assert lebots.writes == []


def test_a_write_whose_answer_is_lost_is_settled(lebots: Project) -> None:
    with_program(lebots, "write fails after")
    assert lebots("apply", "--yes").code == 0
    assert lebots("plan", "--check").code == 0


def test_a_program_that_stores_another_secret_under_the_right_id_is_found(lebots: Project) -> None:
    with_program(lebots, "write changes values")
    for _ in range(2):
        ran = lebots("apply", "--yes")
        assert ran.code == 7
        said = " ".join(ran.out.split())
        assert "holds other values than were written for Key/routing-bot: LP_SECRET" in said
    with_program(lebots)
    assert lebots("apply", "--yes").code == 0
    assert lebots("verify", "--yes").code == 0


def test_a_store_that_does_not_give_secrets_back_cannot_be_verified(lebots: Project) -> None:
    with_program(lebots, "write only")
    assert lebots("apply", "--yes").code == 0
    ran = lebots("verify", "--yes")
    assert ran.code == 5
    assert "does not give secrets back" in ran.out
