"""``lebots import``: what it writes, what it says, what it refuses, and what it leaves alone."""

import json
import shlex
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from lebots.sandbox import Sandbox
from tests.cli.conftest import Project, refusing, skill
from tests.night import at_night
from tests.sandbox.support import BOTS, SURVEY, application, bot, human

CANARY = "canary-of-a-secret"
DATABASE = Path(".lebots/sandbox.db")
SURVEY_BOT = """\
# id 4100200904, last changed 2026-01-05 08:00:00
apiVersion: lebots/v1
kind: Skill
metadata:
  name: Survey
spec:
  description: Asked after a conversation
---
# id 5e1f0c2a9b7d4e6f8a3c1d0b2e4f6a8c
apiVersion: lebots/v1
kind: Key
metadata:
  name: legacy-bots
spec:
  type: oauth1
---
# id 4100200313, last changed 2026-03-02 10:11:12
apiVersion: lebots/v1
kind: BotUser
metadata:
  name: survey-bot
spec:
  fullName: Survey bot
  nickname: Sam
  email: bots@acme.test
  profiles: [Agent]
  skills: [Survey]
  agentGroup: Bots
  key: legacy-bots
  maxAsyncChats: 50
"""


def put(collection: str, **attributes: Any) -> Any:
    """Puts an object into the default account, past all rules; returns its id."""
    with closing(Sandbox(DATABASE)) as sandbox:
        return sandbox.put(collection, attributes)


def put_key(name: str, **attributes: Any) -> Any:
    secrets = {"client_secret": CANARY, "software_statement": CANARY}
    return put("installations", is_internal=False, **application(name), **secrets, **attributes)


def put_bot(name: str, key: str, **attributes: Any) -> Any:
    member = {"memberOf": {"agentGroupId": BOTS, "assignmentDate": "2026-03-02 10:11:12"}}
    fields = {"allowedAppKeys": key, "passwordSh": CANARY, "managerOf": [], **member}
    return put("users", **(bot(name, fullName=name) | fields | attributes))


def files(folder: Path) -> dict[str, str]:
    """Every file below a folder, by its path there."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".db"
    }


# What it writes


def test_the_new_account(empty: Project) -> None:
    ran = empty("import")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "wrote manifests/bots/survey-bot.yaml   1 skill, 1 key, 1 bot",
        "wrote manifests/skills/billing.yaml   1 skill",
        "wrote manifests/skills/customer-care.yaml   1 skill",
        "wrote manifests/skills/sales.yaml   1 skill",
        "4 skills, 1 key, 1 bot in 4 files",
        "",
        "next: lebots plan",
    ]
    assert ran.err == "note: BotUser: 13 left out: a human user\n1 note\n"
    assert files(empty.folder / "manifests")["bots/survey-bot.yaml"] == SURVEY_BOT
    assert empty("fmt", "--check").code == 0
    assert empty("plan", "--check").code == 0
    assert empty.writes == []


def test_one_file_for_each_kind(empty: Project) -> None:
    ran = empty("import", "--layout", "flat")
    assert list(files(empty.folder / "manifests")) == ["bots.yaml", "keys.yaml", "skills.yaml"]
    assert "wrote manifests/skills.yaml   4 skills\n" in ran.out
    assert "4 skills, 1 key, 1 bot in 3 files\n" in ran.out
    assert empty("plan", "--check").code == 0


def test_every_field_is_written_if_asked_for(empty: Project) -> None:
    empty("import", "--full", "--kind", "BotUser")
    assert files(empty.folder / "manifests") == {
        "bots/survey-bot.yaml": SURVEY_BOT.split("---\n")[2]
        .replace("  email:", '  description: ""\n  email:')
        .replace(
            "  profiles:",
            '  pictureUrl: ""\n  pictureId: ""\n  backgndImgUri: ""\n  profiles:',
        )
        .replace("  key:", "  managerOf: []\n  lobs: []\n  key:")
        .replace(
            "  maxAsyncChats: 50\n",
            "  maxAsyncChats: 50\n  maxChats: 0\n  enabled: true\n"
            '  mobileNumber: ""\n  pnCertName: ""\n  changePwdNextLogin: false\n',
        )
    }
    assert empty("plan", "--check").code == 0


def test_ids_without_a_name_are_left_out_and_told(empty: Project) -> None:
    put("skills", name="late", agentSurveyForMsgId=7, maxWaitTime=30)
    ran = empty("import", "--name", "late")
    assert ran.err.splitlines()[0] == (
        "note: Skill: agentSurveyForMsgId left out (1): an id that lebots has no name for, so "
        "another account would get it wrong; --full writes it"
    )
    (text,) = files(empty.folder / "manifests").values()
    assert text.endswith("spec:\n  maxWaitTime: 30\n")
    assert empty("plan", "--check").code == 0
    assert empty("import", "--full", "--name", "late", "--out", "full").err == ""
    assert "  agentSurveyForMsgId: 7\n" in files(empty.folder / "full")["skills/late.yaml"]


def test_an_overlay_counts_as_a_declaration(lebots: Project) -> None:
    project = (lebots.folder / "lebots.yaml").read_text()
    overlaid = "    sandbox: .lebots/sandbox.db\n    overlays: [overlays]\n"
    lebots.write("lebots.yaml", project.replace("    sandbox: .lebots/sandbox.db\n", overlaid))
    own = "apiVersion: lebots/v1\nkind: Skill\nmetadata: {name: Sales}\n$new: true\n"
    lebots.write("overlays/a.yaml", own)
    assert "overlays/a.yaml:1: Skill/Sales" in lebots("import").err
    assert lebots("import", "--merge").code == 0
    assert "skills/sales.yaml" not in files(lebots.folder / "manifests")
    assert lebots("import", "--account", "staging", "--merge", "--name", "Sales").code == 0
    assert "skills/sales.yaml" in files(lebots.folder / "manifests")


def test_what_apply_made_is_imported_as_it_was_written(lebots: Project) -> None:
    assert lebots("apply", "--yes").code == 0
    assert lebots("import", "--out", "found", "--name", "routing-bot").code == 0
    (found,) = files(lebots.folder / "found").values()
    written = (lebots.folder / "manifests/routing-bot.yaml").read_text()
    assert list(yaml.safe_load_all(found)) == list(yaml.safe_load_all(written))
    assert lebots("plan", "found", "--check").code == 0


def test_what_the_vendor_fills_in_is_what_import_takes_for_granted(empty: Project) -> None:
    """The account is the witness: an object made of what a create needs imports as that."""
    bare_bot = {
        "fullName": "Bare",
        "nickname": "Bare",
        "email": "bare@example.com",
        "key": "bare",
        "profiles": ["Agent Manager"],
    }
    specs: dict[str, dict[str, Any]] = {
        "Skill": {},
        "Key": {"spec": {"type": "oauth2"}},
        "BotUser": {"spec": bare_bot},
    }
    manifests = [
        {"apiVersion": "lebots/v1", "kind": kind, "metadata": {"name": "bare"}, **spec}
        for kind, spec in specs.items()
    ]
    for manifest in manifests:
        empty.write(f"manifests/{manifest['kind']}.yaml", json.dumps(manifest))
    assert empty("apply", "--yes").code == 0
    assert empty("import", "--out", "found", "--name", "bare").code == 0
    texts = files(empty.folder / "found").values()
    found = [document for text in texts for document in yaml.safe_load_all(text)]
    assert sorted(found, key=str) == sorted(manifests, key=str)


def test_what_several_use_has_a_file_of_its_own(empty: Project) -> None:
    shared, own = put_key("shared"), put_key("own")
    put_bot("one", shared)
    put_bot("two", shared)
    put_bot("three", own)
    assert empty("import", "--name", "*").code == 0
    found = files(empty.folder / "manifests")
    assert [name for name in found if not name.startswith("skills/")] == [
        *("bots/one.yaml", "bots/survey-bot.yaml", "bots/three.yaml", "bots/two.yaml"),
        "keys/shared.yaml",
    ]
    assert "kind: Key\nmetadata:\n  name: own\n" in found["bots/three.yaml"]
    assert "name: Survey" in found["skills/survey.yaml"]


# Secrets


def test_no_secret_and_no_personal_value_is_printed_and_no_secret_is_written(
    empty: Project,
) -> None:
    header = {"header_name": "X-Key", "header_value": CANARY}
    event = "ms.MessagingEventNotification.ContentEvent"
    address = f"https://user:{CANARY}@hooks.example.com/a?token={CANARY}"
    hooks = {event: {"endpoint": address, "headers": [header]}}
    key = put_key("faq", capabilities={"webhooks": hooks})
    put_bot("faq", key, email="private.person@example.com", mobileNumber="+49 30 1234")
    ran = empty("import", "--full")
    text = "".join(files(empty.folder / "manifests").values())
    assert "endpoint: https://hooks.example.com/a\n" in text
    assert CANARY not in text + ran.all
    assert "private.person" in text
    assert "private.person" not in ran.all
    assert "1234" not in ran.all
    assert empty("plan", "--check").code == 0


@pytest.mark.parametrize(("sink", "said"), [("default", ""), ("runtime", "  sink: runtime\n")])
def test_the_sink_that_holds_the_secret_is_named(lebots: Project, sink: str, said: str) -> None:
    project = (lebots.folder / "lebots.yaml").read_text()
    default = "  default: {type: dotenv, path: '.secrets/default/{name}.env'}\n"
    lebots.write("lebots.yaml", project + default)
    manifest = (lebots.folder / "manifests/routing-bot.yaml").read_text()
    lebots.write("manifests/routing-bot.yaml", manifest.replace("runtime", sink))
    assert lebots("apply", "--yes").code == 0
    assert lebots("import", "--out", "found", "--kind", "key", "--name", "routing-bot").code == 0
    (text,) = files(lebots.folder / "found").values()
    assert text.endswith(f"spec:\n  type: oauth2\n  description: Login of the routing bot\n{said}")
    assert lebots("plan", "found", "--check").code == 0


def test_a_key_whose_secret_is_in_no_sink_says_that_it_is_kept_elsewhere(empty: Project) -> None:
    put_key("faq")
    assert empty("import", "--name", "faq").code == 0
    (text,) = files(empty.folder / "manifests").values()
    assert ", its secret is kept elsewhere\n" in text
    assert text.endswith("\n  sink: null\n")
    assert empty("plan", "--check").code == 0
    assert not list(empty.folder.rglob("*.env"))
    accounts = {"other": {"sandbox": ".lebots/other.db"}}
    project = {"apiVersion": "lebots/v1", "kind": "Project", "accounts": accounts}
    empty.write("lebots.yaml", json.dumps(project))
    refused = empty("plan")
    assert refused.code == 4
    place = f"manifests/keys/faq.yaml:{len(text.splitlines())}:9"
    assert (
        f'{place}: key "faq" does not exist; with sink: null lebots never creates it' in refused.err
    )
    (empty.folder / "lebots.yaml").unlink()
    manifest = empty.folder / "manifests/keys/faq.yaml"
    manifest.write_text(text.replace("  sink: null\n", ""))
    assert "NEW SECRET" in empty("plan").out


def test_the_manifest_of_an_imported_key_that_got_another_name(empty: Project) -> None:
    put_key("faq-bot")
    assert empty("import", "--name", "faq-bot").code == 0
    manifest = empty.folder / "manifests/keys/faq-bot.yaml"
    manifest.write_text(manifest.read_text().replace("name: faq-bot", "name: faq-bots"))
    refused = empty("plan")
    assert refused.code == 4
    assert 'was it renamed? write previously: ["faq-bot"] below metadata' in refused.err
    text = manifest.read_text()
    fixed = "name: faq-bots\n  previously: [faq-bot]"
    manifest.write_text(text.replace("name: faq-bots", fixed))
    assert empty("plan").code == 0


def test_the_only_sink_is_meant_where_none_is_named(empty: Project) -> None:
    sinks = {"vault": {"type": "dotenv", "path": ".secrets/{name}.env"}}
    project = {"apiVersion": "lebots/v1", "kind": "Project", "sinks": sinks}
    empty.write("lebots.yaml", json.dumps(project))
    key = "apiVersion: lebots/v1\nkind: Key\nmetadata: {name: new}\nspec: {type: oauth2}\n"
    empty.write("manifests/new.yaml", key)
    assert empty("apply", "--yes").code == 0
    assert (empty.folder / ".secrets/new.env").exists()
    assert empty("plan", "--check").code == 0
    assert empty("import", "--out", "found", "--name", "new").code == 0
    (text,) = files(empty.folder / "found").values()
    assert "sink: vault" in text, "a second sink will not change what is meant"
    project["sinks"] = {**sinks, "other": sinks["vault"]}
    empty.write("lebots.yaml", json.dumps(project))
    known = 'no sink "default", and this manifest names no other; known sinks: "other", "vault"'
    assert known in empty("plan").err


def test_no_sink_is_asked_about_a_secret_that_is_kept_elsewhere(empty: Project) -> None:
    key = put_key("faq")
    put_bot("faq", key)
    assert empty("import", "--name", "faq").code == 0
    sinks = {name: {"type": "command", "command": ["./no-such-program"]} for name in ("None", "x")}
    project = {"apiVersion": "lebots/v1", "kind": "Project", "sinks": sinks}
    empty.write("lebots.yaml", json.dumps(project))
    assert empty("plan", "--check").code == 0
    verified = empty("verify", "--yes")
    assert verified.code == 0
    assert verified.out.startswith("skipped   BotUser/faq  lebots did not deliver the secret")


def test_a_sink_with_the_secret_of_an_older_key_is_told(lebots: Project) -> None:
    assert lebots("apply", "--yes").code == 0
    with closing(Sandbox(DATABASE)) as sandbox:
        old = sandbox.find("installations", "routing-bot")
        sandbox.put("installations", {**old, "client_name": "old"})
    put_key("routing-bot")
    ran = lebots("import", "--out", "found", "--kind", "Key", "--name", "routing-bot")
    assert f'sink "runtime" holds the secret of another one of this name (id {old["id"]})' in (
        ran.err
    )
    assert "sink: null" in files(lebots.folder / "found")["keys/routing-bot.yaml"]


def test_a_key_of_a_run_that_was_cut_short_is_left_to_that_run(lebots: Project) -> None:
    lebots.wrapper = refusing("POST", "installations", 500)
    assert lebots("apply", "--yes").code == 7
    lebots.wrapper = None
    put_key("routing-bot")
    ran = lebots("import", "--out", "found", "--kind", "Key")
    assert "found/keys/routing-bot.yaml" not in files(lebots.folder)
    assert "Key/routing-bot: warning: left out: a run that was cut short was making it" in ran.err


def test_a_key_that_a_sink_cannot_be_asked_about_is_left_out(empty: Project) -> None:
    (empty.folder / ".lebots/credentials").mkdir(mode=0o700, parents=True)
    name = "é" * 60
    put_key(name)
    put_key("faq")
    ran = empty("import", "--kind", "Key")
    assert ran.code == 0
    assert sorted(files(empty.folder / "manifests")) == ["keys/faq.yaml", "keys/legacy-bots.yaml"]
    assert f"Key/{name}: warning: left out: it cannot be told where its secret is: sink" in ran.err


def test_a_sink_that_cannot_be_reached_ends_the_run(empty: Project) -> None:
    put_key("faq")
    project = (
        "apiVersion: lebots/v1\nkind: Project\naccounts: {sandbox: {sandbox: .lebots/sandbox.db}}"
    )
    sinks = "sinks: {default: {type: command, command: [./there-is-no-such-program]}}"
    empty.write("lebots.yaml", f"{project}\n{sinks}\n")
    ran = empty("import")
    assert ran.code == 5
    assert "there-is-no-such-program" in ran.err
    assert not (empty.folder / "manifests").exists()


# What is chosen


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--kind", "skill", "--name", "B*"], ["skills/billing.yaml"]),
        (["--kind", "Key", "--kind", "BOTUSER"], ["bots/survey-bot.yaml"]),
        (["--name", "Sales", "--name", "*bot*"],
         ["bots/survey-bot.yaml", "skills/sales.yaml"]),
    ],
)  # fmt: skip
def test_choosing(empty: Project, options: list[str], expected: list[str]) -> None:
    assert empty("import", *options).code == 0
    assert list(files(empty.folder / "manifests")) == expected
    assert empty("plan", "--check").code == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--kind", "Skil"], 'there is no kind to import "Skil"; did you mean "Skill"?'),
        (["--kind", "Profile"], "there are AgentGroup, AutomaticMessage, BotUser, Key, Skill"),
        (["--name", "Billig"], '--name: nothing in account sandbox is named "Billig"'),
        (["--name", "x-*", "--name", "Sales"], 'named "x-*"'),
        (["--kind", "Key", "--name", "Sales"], 'named "Sales"'),
        (["--name", ""], 'named ""'),
        (["--layout", "flatt"], "flat"),
        (["--account", "nowhere"], 'has no account "nowhere"'),
        (["--out", "lebots.yaml"], "lebots.yaml is no folder; name one to write to"),
    ],
)
def test_what_there_is_not(lebots: Project, options: list[str], words: str) -> None:
    before = files(lebots.folder)
    ran = lebots("import", "--out", "found", *options)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    before.pop(".lebots/sandbox.db", None)
    assert {k for k in files(lebots.folder) if ".lebots" not in k} == set(before)


def test_people_are_never_imported(empty: Project) -> None:
    ran = empty("import", "--name", "*@acme.test")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "nothing to write"
    assert "note: BotUser: 12 left out: a human user" in ran.err
    assert not (empty.folder / "manifests").exists()


def test_another_account_and_the_command_that_plans_it(lebots: Project) -> None:
    ran = lebots("import", "--account", "staging", "--out", "it's; here")
    assert ran.code == 0
    words = shlex.split(ran.out.splitlines()[-1].removeprefix("next: "))
    assert words == ["lebots", "plan", "it's; here", "--account", "staging"]
    assert lebots(*words[1:], "--check").code == 0


def test_a_folder_that_looks_like_an_option(empty: Project) -> None:
    ran = empty("import", "--out=-x")
    assert ran.out.splitlines()[-1] == "next: lebots plan ./-x"
    assert empty("plan", "./-x", "--check").code == 0


# What is there already


def test_nothing_is_written_where_something_is_declared_already(empty: Project) -> None:
    empty("import", "--kind", "Skill")
    before = files(empty.folder / "manifests")
    ran = empty("import")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        "lebots: manifests has manifests already for what would be imported:",
        "  manifests/skills/billing.yaml:2: Skill/Billing",
        "  manifests/skills/customer-care.yaml:2: Skill/Customer care",
        "  manifests/skills/sales.yaml:2: Skill/Sales",
        "  manifests/skills/survey.yaml:2: Skill/Survey",
        "nothing was written; --merge adds only what is missing, --out names another folder",
    ]
    assert files(empty.folder / "manifests") == before


def test_a_long_list_is_cut(empty: Project) -> None:
    with closing(Sandbox(DATABASE)) as sandbox:
        sandbox.seed(skills=40)
    empty("import", "--kind", "Skill", "--layout", "flat")
    ran = empty("import", "--kind", "Skill", "--layout", "flat")
    assert len(ran.err.splitlines()) == 23
    assert "  and 24 more" in ran.err


def test_merge_adds_what_is_missing_and_changes_no_file(empty: Project) -> None:
    mine = skill("Survey") + skill("Sales")
    empty.write("manifests/skills/billing.yaml", mine)
    empty.write("manifests/notes.md", "mine")
    ran = empty("import", "--merge")
    assert ran.code == 0
    found = files(empty.folder / "manifests")
    assert list(found) == [
        "bots/survey-bot.yaml",
        "notes.md",
        "skills/billing-2.yaml",
        "skills/billing.yaml",
        "skills/customer-care.yaml",
    ]
    assert found["skills/billing.yaml"] == mine
    assert "name: Billing" in found["skills/billing-2.yaml"]
    assert "2 skills, 1 key, 1 bot in 3 files; 2 declared already\n" in ran.out
    again = empty("import", "--merge")
    assert again.out.splitlines()[0] == "nothing to write; 6 declared already"
    assert files(empty.folder / "manifests") == found


def test_what_is_declared_in_another_spelling_is_declared(empty: Project) -> None:
    empty.write("manifests/a.yaml", skill("SALES"))
    ran = empty("import", "--name", "Sales")
    assert "manifests/a.yaml:2: Skill/SALES" in ran.err
    assert empty("import", "--name", "Sales", "--merge").out.startswith("nothing to write; 1 decl")


def test_other_manifests_in_the_folder_are_no_obstacle(lebots: Project) -> None:
    assert lebots("import").code == 0
    assert lebots("validate").code == 0
    assert (lebots.folder / "manifests/skills/billing.yaml").exists()


@pytest.mark.parametrize("content", ["", "# nothing yet\n"])
def test_a_folder_without_manifests_is_as_good_as_none(empty: Project, content: str) -> None:
    empty.write("manifests/notes.yaml" if content else "manifests/notes.md", content)
    assert empty("import").code == 0
    assert empty("plan", "--check").code == 0


@pytest.mark.parametrize("merge", [[], ["--merge"]])
@pytest.mark.parametrize("content", ["kind: [", "apiVersion: lebots/v1\nkind: Skill\n", "a: 010\n"])
def test_manifests_that_cannot_be_read_stop_it(
    empty: Project, content: str, merge: list[str]
) -> None:
    empty.write("manifests/a.yaml", content)
    ran = empty("import", *merge)
    assert (ran.code, ran.out) == (4, "")
    assert "manifests/a.yaml:" in ran.err
    assert list(files(empty.folder / "manifests")) == ["a.yaml"]
    assert empty.requests == []


def _full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    def replace(source: str, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", replace)
    return "cannot be written (no space left on device)"


def _in_the_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (folder / "manifests").mkdir()
    (folder / "manifests/skills").write_text("mine")
    return "manifests/skills is no folder; move it away"


@pytest.mark.parametrize("obstacle", [_full, _in_the_way])
def test_where_it_cannot_write_it_leaves_nothing(
    empty: Project,
    monkeypatch: pytest.MonkeyPatch,
    obstacle: Callable[[Path, pytest.MonkeyPatch], str],
) -> None:
    words = obstacle(empty.folder, monkeypatch)
    ran = empty("import", "--merge")
    assert (ran.code, ran.out) == (5 if obstacle is _full else 2, "")
    assert words in ran.err
    assert not list((empty.folder / "manifests").rglob("*.yaml"))


def test_a_link_to_a_folder_is_not_followed(
    empty: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (empty.folder / "manifests").mkdir()
    (empty.folder / "manifests/skills").symlink_to(outside)
    ran = empty("import")
    assert ran.code == 4
    assert "manifests/skills:1:1: a link to a folder is not followed" in ran.err
    assert not list(outside.iterdir())


def test_more_files_than_lebots_reads(empty: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lebots.cli.commands.import_.MAX_FILES", 3)
    ran = empty("import")
    assert (ran.code, ran.out) == (2, "")
    assert "4 files would be added to the 0 in manifests" in ran.err
    assert "--layout flat" in ran.err
    assert empty("import", "--layout", "flat").code == 0
    more = empty("import", "--merge", "--layout", "flat", "--name", "Sales")
    assert more.code == 0


# What is left out


def test_what_cannot_be_declared_is_left_out_and_the_rest_imported(empty: Project) -> None:
    put("skills", name="\u202ehidden")
    put("skills", name="SALES")
    put("skills", name="gone", id=3, deleted=True)
    put("skills", name="loud", description="bell\a", fallbackSkill=3)
    put("installations", id="i", client_name="inner", is_internal=True, client_secret=CANARY)
    put_bot("lost", "i", memberOf={"agentGroupId": 5}, skillIds=[SURVEY, 4])
    put("users", **human("system"), userTypeId=0)
    ran = empty("import")
    assert ran.code == 0
    shown = ran.err.splitlines()
    assert [line for line in shown if "warning" in line][:-1] == [
        "BotUser/lost: warning: skills is left out: no list shows the skill <id 4>; it stays in "
        "the account as it is",
        "BotUser/lost: warning: agentGroup is left out: no list shows the agent group <id 5>; it "
        "stays in the account as it is",
        "BotUser/lost: warning: key is left out: key \"inner\" is an internal application of "
        "LivePerson and cannot be declared",
        "BotUser/lost: warning: the manifest lacks key, which the account does not tell, so it "
        "cannot make the bot elsewhere; write it by hand for that",
        'Skill/SALES: warning: left out: 2 objects have names that count as the same: 4100200903 '
        '("Sales"), 4100201002 ("SALES"); rename or remove the others first',
        'Skill/Sales: warning: left out: 2 objects have names that count as the same: 4100200903 '
        '("Sales"), 4100201002 ("SALES"); rename or remove the others first',
        "Skill/loud: warning: description is left out: the character U+0007 is a control "
        "character; remove it",
        "Skill/loud: warning: fallbackSkill is left out: the skill <id 3> is deleted; take it "
        "out in the account",
        r"Skill/\u202ehidden: warning: left out: its name cannot stand in a manifest: the "
        "character U+202E changes the direction of the text around it; remove it",
    ]  # fmt: skip
    assert shown[-1] == "9 warnings, 4 notes"
    assert "note: BotUser: 1 left out: a system user" in shown
    assert "note: Key: 1 left out: an internal application of LivePerson" in shown
    assert empty("plan", "--check").code == 0


def test_what_a_plan_would_refuse_is_left_out_in_its_words(empty: Project) -> None:
    put_bot("lost", put_key("k"), memberOf=None)
    ran = empty("import")
    assert "BotUser/lost: warning: left out: an agent must belong to an agent group" in ran.err
    assert empty("plan", "--check").code == 0


def test_hostile_names_lead_nowhere(empty: Project) -> None:
    names = ["../../up", "/etc/x", "con", "lebots", ".hidden", "-rf", "::error::x", "$(touch x)",
             "\U0001f916", "no", "null", "'", '"', "a: b", "# x", "- x", "50%"]  # fmt: skip
    for name in names:
        put("skills", name=name)
    ran = empty("import", "--kind", "Skill")
    assert ran.code == 0
    assert not any(line.startswith("::") for line in ran.all.splitlines())
    found = [path for path in empty.folder.rglob("*") if path.is_file()]
    outside = {path.name for path in found if "manifests" not in path.parts}
    assert outside == {"sandbox.db"}
    assert empty("plan", "--check").code == 0
    planned = empty("plan", "--format", "json").json
    assert {change["name"] for change in planned["changes"] if change["action"] == "unchanged"} >= (
        set(names)
    )


def test_a_collection_that_could_not_be_read_is_told(empty: Project) -> None:
    empty.wrapper = refusing("GET", "app-key-manager", 403)
    ran = empty("import")
    assert ran.code == 0
    assert "warning: appKeys could not be read, so none of it is imported: " in ran.err
    assert "key is left out: the key cannot be looked up: " in ran.err
    assert empty("plan", "--check").code == 0


def test_a_list_nobody_chose_is_not_needed(empty: Project) -> None:
    empty.wrapper = refusing("GET", "installations", 403)
    ran = empty("import", "--kind", "Skill")
    assert ran.code == 0
    assert "installations" not in ran.err


def test_lists_of_which_none_can_be_read_give_nothing(empty: Project) -> None:
    empty.wrapper = refusing("GET", "skills", 403)
    ran = empty("import", "--kind", "Skill")
    assert (ran.code, ran.out) == (5, "")
    assert not (empty.folder / "manifests").exists()


# Many


def test_many_bots(empty: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    made: Mapping[str, Any] = {}
    many = 1_000 if at_night() else 200
    with closing(Sandbox(DATABASE)) as sandbox:
        for number in range(many):
            name = f"bot-{number:04}"
            skill_id = sandbox.put("skills", {"name": name, "canTransfer": True})
            key = sandbox.put(
                "installations",
                {**application(name), "client_secret": CANARY, "is_internal": False},
            )
            member = {"memberOf": {"agentGroupId": BOTS}, "managerOf": []}
            made = bot(name, fullName=name, allowedAppKeys=key, skillIds=[skill_id]) | member
            sandbox.put("users", dict(made))
    ran = empty("import", "--name", "bot-*")
    assert f"{many} skills, {many} keys, {many} bots in {many} files\n" in ran.out
    assert empty("plan", "--check").code == 0
    assert set(Counter(empty.requests).values()) == {1, 2}, "once for the import, the plan"


def test_what_waits_to_be_renamed_is_not_imported_again(lebots: Project) -> None:
    name = json.dumps({"name": "Complaints", "previously": ["Survey"]})
    text = f"apiVersion: lebots/v1\nkind: Skill\nmetadata: {name}\nspec: {{}}\n"
    lebots.write("manifests/skill.yaml", text)
    assert lebots("import", "--merge").code == 0
    assert lebots("validate").code == 0


def test_what_an_overlay_drops_is_declared_for_the_others(lebots: Project) -> None:
    file = lebots.folder / "lebots.yaml"
    overlay = "sandbox.db\n    overlays: [overlays/here]"
    file.write_text(file.read_text().replace("sandbox.db", overlay, 1))
    lebots.write("manifests/survey.yaml", skill("Survey"))
    lebots.write(
        "overlays/here/drop.yaml",
        "apiVersion: lebots/v1\nkind: Skill\nmetadata: {name: Survey}\n$patch: delete\n",
    )
    ran = lebots("import", "--merge")
    assert ran.code == 0
    assert "overlays/here is laid on top of these manifests" in ran.err
    assert lebots("validate").code == 0
