"""``lebots apply``: it asks, does what was approved, proves it, and says what is left."""

import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pytest

from tests.cli.conftest import ROUTING_BOT, Application, Project, Wrapper, refusing, skill

DIGEST = "0" * 64


def digest_of(project: Project) -> str:
    return str(project("plan", "--format", "json").json["digest"])


def test_nobody_to_ask_means_no(lebots: Project) -> None:
    ran = lebots("apply")
    assert ran.code == 6
    assert "--expect DIGEST, a saved plan, or --yes" in ran.err
    assert "3 to create" in ran.out
    assert lebots.writes == []


@pytest.mark.parametrize("stream", ["stdin", "stderr", "stdout"])
def test_closed_streams_are_no_bug(
    lebots: Project, monkeypatch: pytest.MonkeyPatch, stream: str
) -> None:
    monkeypatch.setattr(f"sys.{stream}", None)
    assert lebots("apply").code == 6
    assert lebots.writes == []
    assert lebots("apply", "--yes").code == 0


def test_an_empty_plan_needs_no_approval_and_sends_no_write(lebots: Project) -> None:
    assert lebots("apply", "--yes").code == 0
    lebots.requests.clear()
    again = lebots("apply")
    assert again.code == 0
    assert "no changes" in again.out
    assert again.err == ""
    assert lebots("apply", "--format", "json").json["outcomes"] == []
    assert lebots.writes == []


def test_expect_binds_to_the_digest(lebots: Project) -> None:
    digest = digest_of(lebots)
    refused = lebots("apply", "--expect", DIGEST)
    assert refused.code == 6
    assert f"the plan has digest {digest}" in refused.err
    assert lebots.writes == []
    done = lebots("apply", "--expect", digest)
    assert done.code == 0
    assert done.out.startswith(f"digest {digest}, as approved\n")


@pytest.mark.parametrize("digest", ["", " ", DIGEST[:-1], "\x1b[2J"])
@pytest.mark.parametrize("more", [[], ["--yes"]])
def test_an_approval_that_is_none_is_refused(lebots: Project, digest: str, more: list[str]) -> None:
    """An empty one is a variable that was never set."""
    ran = lebots("apply", "--expect", digest, *more)
    assert ran.code == 6
    assert lebots.writes == []
    assert "\x1b" not in ran.all


def test_a_plan_without_changes_passes_any_expectation(lebots: Project) -> None:
    digest = digest_of(lebots)
    assert lebots("apply", "--expect", digest).code == 0
    assert lebots("apply", "--expect", digest).code == 0


def test_yes_does_not_lift_a_wrong_expectation(lebots: Project) -> None:
    assert lebots("apply", "--expect", DIGEST, "--yes").code == 6
    assert lebots.writes == []


def test_json_has_one_outcome_for_each_change_and_no_other_word(lebots: Project) -> None:
    ran = lebots("apply", "--yes", "--format", "json")
    assert ran.code == 0
    document = ran.json
    assert document["converged"] is True
    assert document["summary"] == {"done": 3, "failed": 0, "blocked": 0, "unknown": 0, "held": 0}
    assert [(one["address"], one["action"], one["status"]) for one in document["outcomes"]] == [
        ("Skill/routing-bot", "create", "done"),
        ("Key/routing-bot", "create", "done"),
        ("BotUser/routing-bot", "create", "done"),
    ]
    assert all(one["id"] and one["error"] is None for one in document["outcomes"])
    assert ran.err.count("done     create") == 3, "the log is on stderr"


def test_json_of_a_run_that_did_a_part(lebots: Project) -> None:
    lebots.wrapper = refusing("POST", "/installations", 403)
    ran = lebots("apply", "--yes", "--format", "json")
    assert ran.code == 7
    assert ran.json["converged"] is None
    by_address = {one["address"]: one for one in ran.json["outcomes"]}
    assert by_address["Key/routing-bot"]["status"] == "failed"
    assert "403" in by_address["Key/routing-bot"]["error"]
    assert by_address["BotUser/routing-bot"]["status"] == "blocked"
    assert by_address["BotUser/routing-bot"]["error"] == "waits for Key/routing-bot"
    lebots.wrapper = None
    lebots.requests.clear()
    assert lebots("apply", "--yes").code == 0
    assert len(lebots.writes) == 2, "a re-run does only the rest"


def test_only_the_target_is_applied(lebots: Project) -> None:
    assert lebots("apply", "--yes", "--target", "Skill/routing-bot").code == 0
    assert len(lebots.writes) == 1
    assert lebots("plan", "--check", "--target", "Skill/routing-bot").code == 0
    assert lebots("plan", "--check").code == 3


def test_accounts_are_apart(lebots: Project) -> None:
    assert lebots("apply", "--yes", "--account", "staging").code == 0
    assert lebots("plan", "--check", "--account", "staging").code == 0
    shown = lebots("sandbox", "show", "--format", "json").json
    assert "routing-bot" not in {one["name"] for one in shown["skills"]}


def test_a_key_that_is_gone_is_made_again_only_if_somebody_agrees(lebots: Project) -> None:
    file = lebots.folder / ".secrets/55501234/routing-bot.env"
    assert lebots("apply", "--yes").code == 0
    before = file.read_text()
    assert lebots("sandbox", "reset").code == 0
    for refused in (lebots("plan"), lebots("apply", "--yes")):
        assert refused.code == 6
        assert "allow a new one with --recreate Key/routing-bot" in refused.err
    assert lebots.writes[3:] == []
    planned = lebots("plan", "--recreate", "Key/routing-bot", "--out", "plan.json")
    assert planned.code == 0
    assert lebots("apply", "plan.json").code == 0
    assert file.read_text() != before
    assert lebots("plan", "--check").code == 0


def ignoring(path: str, name: str) -> Wrapper:
    """An account that takes a new object and forgets one of its fields."""

    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in ("POST", "PUT") and path in environ["PATH_INFO"]:
            body = json.loads(environ["wsgi.input"].read())
            changed = {**body, name: "something else"}
            content = json.dumps(changed).encode()
            environ = {
                **environ,
                "wsgi.input": BytesIO(content),
                "CONTENT_LENGTH": str(len(content)),
            }
        return application(environ, start_response)

    return wrapper


def test_an_account_that_does_not_keep_a_field_is_a_fault(lebots: Project) -> None:
    lebots.wrapper = ignoring("/skills", "description")
    ran = lebots("apply", "--yes")
    assert ran.code == 7
    assert "[3/3] done" in ran.out
    assert (
        "Skill/routing-bot: description "
        'is "something else", must be "Conversations the routing bot takes first"'
    ) in ran.err
    assert "write the value as the account does, or take the field out" in ran.err


def test_a_personal_field_that_is_not_kept_is_named_without_its_values(lebots: Project) -> None:
    lebots.wrapper = ignoring("/users", "mobileNumber")
    lebots.write("manifests/routing-bot.yaml", ROUTING_BOT + "  mobileNumber: '555 0199'\n")
    ran = lebots("apply", "--yes")
    assert ran.code == 7
    assert "BotUser/routing-bot: mobileNumber differs" in ran.err
    assert "0199" not in ran.all
    assert "something else" not in ran.all


def test_not_converged_as_json(lebots: Project) -> None:
    lebots.wrapper = ignoring("/skills", "description")
    ran = lebots("apply", "--yes", "--format", "json")
    assert ran.code == 7
    assert ran.json["converged"] is False
    assert ran.json["summary"]["done"] == 3
    assert "description" in ran.err


def test_a_second_plan_that_is_refused_proves_nothing(lebots: Project) -> None:
    """The account shows two objects of one name after the write, so nobody can tell."""

    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        answer = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "GET" or not environ["PATH_INFO"].endswith("/skills"):
            return answer
        skills = json.loads(b"".join(answer))
        twins = [{**one, "id": 7} for one in skills if one["name"] == "routing-bot"]
        return [json.dumps([*skills, *twins]).encode()]

    lebots.wrapper = wrapper
    ran = lebots("apply", "--yes", "--format", "json")
    assert ran.code == 7
    assert ran.json["converged"] is False
    assert "2 live objects match skill" in ran.err


@pytest.mark.parametrize("format_", ["text", "json"])
def test_outcomes_are_told_where_the_proof_fails(lebots: Project, format_: str) -> None:
    """The account goes away after the last write: what was done is known all the same."""
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
    ran = lebots("apply", "--yes", "--format", format_)
    assert ran.code == 5
    assert "everything was written, but the account cannot be read again" in ran.err
    assert ran.all.count("done     create") == 3
    if format_ == "json":
        assert ran.json["converged"] is None
        assert ran.json["summary"]["done"] == 3
    else:
        assert "does not show" not in ran.all


def test_what_a_sink_cannot_take_is_known_before_the_first_write(lebots: Project) -> None:
    elsewhere = lebots.folder / "elsewhere"
    elsewhere.mkdir()
    (lebots.folder / ".secrets").symlink_to(elsewhere)
    ran = lebots("apply", "--yes")
    assert ran.code == 5
    assert 'sink "runtime": ' in ran.err
    assert "symbolic link" in ran.err
    assert lebots.writes == []
    assert list(elsewhere.iterdir()) == []


def test_a_refusal_by_the_account_is_shown_on_one_line(lebots: Project) -> None:
    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            start_response("400 Bad", [("Content-Type", "application/json")])
            words = "no\n::error::owned\x1b[2J\u202e\r##[section]x" + "y" * 5000
            return [json.dumps({"message": words}).encode()]
        return application(environ, start_response)

    lebots.wrapper = wrapper
    lebots.write("one/x.yaml", skill("x"))
    for format_ in ("text", "json"):
        ran = lebots("apply", "one", "--yes", "--format", format_)
        assert ran.code == 7
        for bad in ("\x1b", "\u202e", "\r", "\n::error", "##[section]", "y" * 1000):
            assert bad not in ran.all


def test_how_it_ended_is_a_comment_too(lebots: Project) -> None:
    """Also where something failed, and where there is nothing to do."""
    comment = lebots.folder / "out" / "apply.md"
    lebots.wrapper = refusing("POST", "/users", times=1)
    assert lebots("apply", "--yes", "--markdown-file", str(comment)).code == 7
    assert "### lebots apply: 2 done, 1 failed\n" in comment.read_text()
    assert "private.person" not in comment.read_text()

    assert lebots("apply", "--yes", "--markdown-file", str(comment)).code == 0
    assert "### lebots apply: 1 done\n" in comment.read_text()
    assert comment.read_text().endswith("\nThe account is in sync.\n")

    assert lebots("apply", "--yes", "--markdown-file", str(comment)).code == 0
    assert "### lebots apply: nothing to do\n" in comment.read_text()
    assert comment.read_text().endswith("\nThe account is in sync.\n")


def test_a_comment_that_cannot_be_written_changes_no_result(lebots: Project) -> None:
    """Failure F48."""
    ran = lebots("apply", "--yes", "--markdown-file", "manifests")
    assert (ran.code, "3 done" in ran.out) == (0, True)
    assert "what was done is not written down: manifests cannot be written" in ran.err


def test_a_refused_apply_writes_no_comment(lebots: Project) -> None:
    ran = lebots("apply", "--expect", DIGEST, "--markdown-file", "apply.md")
    assert (ran.code, (lebots.folder / "apply.md").exists()) == (6, False)
