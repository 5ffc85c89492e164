"""``lebots import --drift``: manual changes, written where the manifests say something else."""

from pathlib import Path
from typing import Any

import pytest

from lebots.run.inputs.embedded import open_sandbox
from tests.cli.conftest import Project, skill
from tests.repositories import Repo

FILE = "manifests/routing-bot.yaml"


def by_hand(collection: str, which: str, **fields: Any) -> None:
    with open_sandbox(Path(".lebots/sandbox.db"), "sandbox") as sandbox:
        found = sandbox.find(collection, which)
        sandbox.put(collection, {**found, **fields})


def changed(before: str, after: str) -> list[tuple[str, str]]:
    """The lines that differ, where none was added and none went."""
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    return [(old.strip(), new.strip()) for old, new in pairs if old != new]


@pytest.mark.parametrize(
    ("collection", "fields", "line"),
    [
        ("users", {"nickname": "Eva"}, ("nickname: Ava", "nickname: Eva")),
        ("users", {"maxAsyncChats": 30}, ("maxAsyncChats: 25", "maxAsyncChats: 30")),
        ("users", {"email": "new@example.com"}, ("email: private.person@example.com", "")),
        ("skills", {"description": "a: b"}, ("description: Conversations the routing bot", "")),
        ("installations", {"description": "Other"}, ("description: Login of the routing bot", "")),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_manual_change_is_one_line_of_one_file(
    repo: Repo,
    lebots: Project,
    collection: str,
    fields: dict[str, Any],
    line: tuple[str, str],
    ends: str,
) -> None:
    file = lebots.folder / FILE
    text = file.read_text().replace("spec:\n", "spec: # what it is\n").replace("\n", ends)
    file.write_bytes(text.encode())
    by_hand(collection, "routing-bot", **fields)
    assert lebots("plan", "--drift").code == 3
    ran = lebots("import", "--drift")
    assert (ran.code, ran.err) == (0, "")
    assert "1 value written" in ran.out
    assert "new@example.com" not in ran.out, "nothing personal is shown"
    after = file.read_bytes().decode()
    ((old, new),) = changed(text, after)
    assert old.startswith(line[0])
    assert new == line[1] or not line[1]
    assert after.count(ends) == text.count(ends)
    assert lebots("plan", "--check").code == 0
    assert lebots("import", "--drift").out == "nothing to write\n"


def test_what_an_overlay_says_is_changed_there(repo: Repo, lebots: Project) -> None:
    lebots.write(
        "lebots.yaml",
        (lebots.folder / "lebots.yaml")
        .read_text()
        .replace(
            "    sandbox: .lebots/sandbox.db",
            "    sandbox: .lebots/sandbox.db\n    overlays: [over]",
        ),
    )
    over = lebots.write("over/a.yaml", skill("routing-bot", maxWaitTime=90))
    assert lebots("apply", "--yes").code == 0
    repo.commit()
    before = (lebots.folder / FILE).read_text()
    by_hand("skills", "routing-bot", maxWaitTime=60)
    assert lebots("import", "--drift").code == 0
    assert '"maxWaitTime": 60' in over.read_text()
    assert (lebots.folder / FILE).read_text() == before
    assert lebots("plan", "--check").code == 0


def test_what_lebots_made_and_somebody_switched_off_is_added(repo: Repo, lebots: Project) -> None:
    by_hand("users", "routing-bot", isEnabled=False)
    ran = lebots("import", "--drift")
    assert "enabled null -> false" in ran.out
    assert (lebots.folder / FILE).read_text().endswith("  maxAsyncChats: 25\n  enabled: false\n")
    assert lebots("plan", "--check").code == 0


HOOK = "ms.MessagingEventNotification.ContentEvent"
WEBHOOKS = f"""\
  webhooks:
    {HOOK}:
      endpoint: https://hooks.example.com/a # where it goes
      max_retries: 3
"""


def test_of_a_list_and_of_a_part_only_what_differs_is_changed(repo: Repo, lebots: Project) -> None:
    file = lebots.folder / FILE
    text = file.read_text().replace("  sink: runtime\n", f"  sink: runtime\n{WEBHOOKS}")
    text = text.replace(
        "  skills: [routing-bot]\n", "  skills:\n    - Survey\n    - routing-bot # own\n"
    )
    file.write_text(text)
    assert lebots("apply", "--yes").code == 0
    repo.commit()
    with open_sandbox(Path(".lebots/sandbox.db"), "sandbox") as sandbox:
        billing = sandbox.find("skills", "Billing")["id"]
        bot = sandbox.find("users", "routing-bot")
        sandbox.put("users", {**bot, "skillIds": [*bot["skillIds"], billing]})
        key = sandbox.find("installations", "routing-bot")
        key["capabilities"]["webhooks"][HOOK]["max_retries"] = 5
        sandbox.put("installations", key)
    assert lebots("import", "--drift").code == 0
    after = text.replace("max_retries: 3", "max_retries: 5")
    assert file.read_text() == after.replace(" # own\n", " # own\n    - Billing\n")
    assert lebots("plan", "--check").code == 0


def test_values_that_no_manifest_can_say_stay_as_they_are(repo: Repo, lebots: Project) -> None:
    file = lebots.folder / FILE
    file.write_text(
        file.read_text().replace("maxAsyncChats: 25", "maxAsyncChats: 25\n  maxChats: 2")
    )
    assert lebots("apply", "--yes").code == 0
    repo.commit()
    before = file.read_text()
    by_hand("users", "routing-bot", nickname="a\x07b")
    by_hand("users", "routing-bot", maxChats=-5)
    ran = lebots("import", "--drift")
    assert (ran.code, ran.out, file.read_text()) == (0, "nothing to write\n", before)
    assert "nickname is left out" in ran.err
    assert "maxChats stays as the manifest says" in ran.err


def test_a_new_bot_is_told(repo: Repo, lebots: Project) -> None:
    with open_sandbox(Path(".lebots/sandbox.db"), "sandbox") as sandbox:
        bot = sandbox.find("users", "routing-bot")
        twin = {name: value for name, value in bot.items() if name not in ("id", "pid")}
        sandbox.put("users", {**twin, "loginName": "night-bot"})
    ran = lebots("import", "--drift", "--receipt", "receipt.json")
    assert "BotUser/night-bot: warning: no manifest declares it" in ran.err


def test_only_the_objects_that_are_named(repo: Repo, lebots: Project) -> None:
    by_hand("skills", "routing-bot", description="Other")
    by_hand("users", "routing-bot", nickname="Eva")
    assert "1 value written" in lebots("import", "--drift", "Skill/routing-bot").out
    assert lebots("plan", "--check").code == 3
    assert "1 value written" in lebots("import", "--drift", "--receipt", "receipt.json").out
    assert lebots("plan", "--check").code == 0


def test_an_edit_that_is_not_applied_yet_is_no_manual_change(repo: Repo, lebots: Project) -> None:
    file = lebots.folder / FILE
    edited = file.read_text().replace("nickname: Ava", "nickname: Eva")
    file.write_text(edited)
    assert lebots("import", "--drift").out == "nothing to write\n"
    assert file.read_text() == edited


def test_what_no_manifest_can_hold_is_told(repo: Repo, lebots: Project) -> None:
    lebots.write("manifests/more.yaml", skill("night-bot") + skill("day-bot"))
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 0
    repo.commit()
    with open_sandbox(Path(".lebots/sandbox.db"), "sandbox") as sandbox:
        sandbox.remove("skills", sandbox.find("skills", "night-bot")["id"])
    by_hand("skills", "day-bot", name="late-bot")
    before = (lebots.folder / "manifests/more.yaml").read_text()
    ran = lebots("import", "--drift", "--receipt", "receipt.json")
    assert (ran.code, ran.out) == (0, "nothing to write\n")
    assert "it was deleted in the account: remove its manifest to keep that" in ran.err
    assert 'its name is now "late-bot": to keep it, set metadata.name' in ran.err
    assert (lebots.folder / "manifests/more.yaml").read_text() == before


@pytest.mark.parametrize(
    "more", [("--drift", "--merge"), ("--drift", "--full"), ("Skill/x",), ("--receipt", "r.json")]
)
def test_options_that_do_not_go_together(lebots: Project, more: tuple[str, ...]) -> None:
    assert lebots("import", *more).code == 2
