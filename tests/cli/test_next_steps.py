"""Every next step that a finding proposes, taken: it ends well."""

import re
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from lebots.next_steps import NEXT_STEPS
from lebots.sandbox import Sandbox
from tests.cli.conftest import LEBOTS_YAML, ROUTING_BOT, Project, Ran, refusing, skill
from tests.night import by_day
from tests.repositories import Repo

KEY = "Key/routing-bot"
APPLY = ("apply", "--yes")
PRUNE = ("--prune", "--receipt", "receipt.json")
OFF = ROUTING_BOT.replace("fullName:", "enabled: false\n  fullName:")
SCOPE = """sandbox.db
    scope: {Skill: ["*"]}
    retire: delete
"""


def account(project: Project) -> Any:
    return closing(Sandbox(project.folder / ".lebots/sandbox.db"))


def again(*command: str) -> Callable[[Project], Ran]:
    return lambda project: project(*command)


def applied(project: Project) -> Project:
    assert project(*APPLY, "--receipt", "receipt.json").code == 0
    return project


def scoped(project: Project, *more: str) -> Project:
    """With a scope that holds skills; those that are seeded are used or protected."""
    project.write("lebots.yaml", LEBOTS_YAML.replace("sandbox.db\n", SCOPE, 1))
    applied(project)
    with account(project) as open_:
        for name in more:
            open_.put("skills", {"name": name, "canTransfer": True})
    return project


# What brings a finding about, by its code and fact; each gives what was said, and takes the step


def rotated_halfway(project: Project) -> Ran:
    applied(project)
    with account(project) as open_:
        key = open_.find("installations", "routing-bot")
        name = f"routing-bot.rotated-{key['id'][:8]}"
        open_.put("installations", {**key, "client_name": name})
    return project("plan")


def removed(project: Project) -> Ran:
    applied(project)
    with account(project) as open_:
        open_.remove("installations", open_.find("installations", "routing-bot")["id"])
        bot = open_.find("users", "routing-bot")
        open_.put("users", {**bot, "allowedAppKeys": None})
    return project("plan")


def cut_short(project: Project) -> Ran:
    def dying(application: Any, environ: dict[str, Any], start_response: Any) -> Any:
        answer = application(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST" and "installations" in environ["PATH_INFO"]:
            raise KeyboardInterrupt
        return answer

    project.wrapper = dying
    assert project(*APPLY).code
    project.wrapper = None
    return project("rotate", KEY, "--plan")


def another_name(project: Project) -> Ran:
    text = ROUTING_BOT.replace(
        "kind: BotUser\nmetadata:\n  name: routing-bot",
        "kind: BotUser\nmetadata:\n  name: new-bot\n  previously: [routing-bot]",
    )
    project.write("manifests/routing-bot.yaml", text)
    return project("plan")


def without_previously(project: Project) -> Ran:
    file = project.folder / "manifests/routing-bot.yaml"
    file.write_text(file.read_text().replace("  previously: [routing-bot]\n", ""))
    scope = 'sandbox.db\n    scope: {BotUser: ["routing-*"]}\n'
    project.write("lebots.yaml", LEBOTS_YAML.replace("sandbox.db\n", scope, 1))
    return project("apply", "--yes", "--prune")


def unknown_field(project: Project) -> Ran:
    ignoring = skill("more").replace('"name"', '"ignore": ["colour"], "name"')
    project.write("manifests/more.yaml", ignoring)
    return project("plan")


def recreated(project: Project) -> Ran:
    """Where the account keeps the name of the one that is gone, it says so, with what to do."""
    ran = project(*APPLY, "--recreate", KEY)
    assert "client_name is taken" in ran.all
    assert "choose another name" in ran.all
    text = ROUTING_BOT.replace(
        "kind: Key\nmetadata:\n  name: routing-bot", "kind: Key\nmetadata:\n  name: entry"
    )
    project.write("manifests/routing-bot.yaml", text.replace("key: routing-bot", "key: entry"))
    return project(*APPLY)


def rotated(project: Project) -> Ran:
    applied(project)
    assert project("rotate", KEY, "--yes").code == 0
    return project("plan")


def with_a_survey(project: Project) -> Ran:
    with account(applied(project)) as open_:
        found = open_.find("skills", "routing-bot")
        open_.put("skills", {**found, "agentSurveyForMsgId": 12})
    return project("import", "--out", "new", "--kind", "Skill")


def imported_in_full(project: Project) -> Ran:
    assert project("import", "--out", "full", "--kind", "Skill", "--full").code == 0
    return project("plan", "full", "--check")


def forbidden(path: str) -> Callable[[Project], Ran]:
    def story(project: Project) -> Ran:
        project.wrapper = refusing("GET", f"/{path}", 403)
        return project("plan")

    return story


def another_count(project: Project) -> Ran:
    return scoped(project, "one")("plan", *PRUNE, "--confirm-deletes", "9")


def nothing_to_remove(project: Project) -> Ran:
    project.write("manifests/more.yaml", skill("more"))
    return project("plan", "--confirm-deletes", "9")


def switched_off(project: Project) -> Ran:
    applied(project)
    project.write("manifests/routing-bot.yaml", OFF)
    return project("plan")


def many_at_once(project: Project) -> Ran:
    return scoped(project, "one", "two", "three")("plan", *PRUNE)


def the_last_one(project: Project) -> Ran:
    project.write("manifests/routing-bot.yaml", KEY_ALONE)
    return scoped(project, "one")("plan", *PRUNE)


def agreed_to(story: Callable[[Project], Ran], number: str) -> Callable[[Project], Ran]:
    def told(project: Project) -> Ran:
        story(project)
        return project("plan", *PRUNE, "--confirm-deletes", number)

    return told


def uncounted(project: Project) -> Ran:
    applied(project)
    project.write("lebots.yaml", LEBOTS_YAML.replace("sandbox.db\n", SCOPE, 1))
    project.write("manifests/routing-bot.yaml", KEY_ALONE)
    (project.folder / "receipt.json").unlink()
    plain = LEBOTS_YAML
    project.write("lebots.yaml", plain)
    assert project(*APPLY, "--receipt", "receipt.json").code == 0
    project.write("lebots.yaml", LEBOTS_YAML.replace("sandbox.db\n", SCOPE, 1))
    return project("plan", *PRUNE)


KEY_ALONE = ROUTING_BOT.split("---\n")[1]


def shrunk(project: Project) -> Ran:
    names = [f"skill-{number}" for number in range(12)]
    project.write("lebots.yaml", LEBOTS_YAML.replace("sandbox.db\n", SCOPE, 1))
    with account(applied(project)) as open_:
        for name in names:
            open_.put("skills", {"name": name, "canTransfer": True})
    assert project(*APPLY, "--receipt", "receipt.json").code == 0
    with account(project) as open_:
        for name in names[1:]:
            open_.remove("skills", open_.find("skills", name)["id"])
    return project("plan", *PRUNE)


def recounted(project: Project) -> Ran:
    assert project(*APPLY, "--receipt", "receipt.json").code == 0
    return project("plan", *PRUNE, "--confirm-deletes", "1")


def a_sink_of_the_branch(project: Project) -> Ran:
    Repo.make(project.folder).commit()
    sinks = "sinks:\n  own: {type: dotenv, path: '.secrets/own/{name}.env'}\n"
    project.write("lebots.yaml", LEBOTS_YAML.replace("sinks:\n", sinks))
    project.write("manifests/routing-bot.yaml", ROUTING_BOT.replace("runtime", "own"))
    project.write(".gitignore", ".secrets/\n")
    return project("plan", "--base", "HEAD")


STORIES: dict[tuple[str, str], tuple[Callable[[Project], Ran], Callable[[Project], Ran]]] = {
    ("credential-dead", "former"): (rotated_halfway, again("rotate", KEY, "--yes")),
    ("credential-dead", "removed"): (removed, recreated),
    ("cut-short", "unfinished"): (cut_short, again(*APPLY)),
    ("not-allowed", "fixed_name_of"): (another_name, without_previously),
    ("not-one-of", "unknown_field_of"): (unknown_field, again("explain", "Skill")),
    ("not-there", "absent"): (lambda one: one("rotate", KEY, "--plan"), again("plan")),
    ("reference-unreadable", "unread"): (forbidden("profiles"), again("doctor")),
    ("unreadable", "unread"): (forbidden("installations"), again("doctor")),
    ("unknown-sink", "proposed"): (
        a_sink_of_the_branch,
        again("plan", "--base", "HEAD", "--rules-from", "."),
    ),
    ("removal-count", "removals"): (
        another_count,
        again("plan", *PRUNE, "--confirm-deletes", "1"),
    ),
    ("removal-count", "agreed"): (nothing_to_remove, again("plan")),
    ("removal-floor", "stopped"): (switched_off, again(*APPLY, "--confirm", "out-of-service=1")),
    ("removal-share", "stopped"): (switched_off, again(*APPLY, "--confirm", "out-of-service=1")),
    ("removal-share", "removals"): (
        many_at_once,
        again(*APPLY, *PRUNE, "--confirm-deletes", "3"),
    ),
    ("removal-share", "agreed"): (
        agreed_to(many_at_once, "3"),
        again(*APPLY, *PRUNE, "--confirm-deletes", "3"),
    ),
    ("removal-floor", "removals"): (
        the_last_one,
        again(*APPLY, *PRUNE, "--confirm-deletes", "1"),
    ),
    ("removal-floor", "agreed"): (
        agreed_to(the_last_one, "1"),
        again(*APPLY, *PRUNE, "--confirm-deletes", "1"),
    ),
    ("rotation-open", "former"): (rotated, again("rotate", KEY, "--yes", "--grace", "0")),
    ("unnamed-id", "unnamed"): (with_a_survey, imported_in_full),
    ("unprunable", "uncounted"): (uncounted, recounted),
    ("unprunable", "shrunken"): (shrunk, recounted),
}


@pytest.mark.parametrize(("code", "fact"), by_day(list(STORIES), list(STORIES)[::3]), ids=str)
def test_a_next_step_that_is_taken_ends_well(lebots: Project, code: str, fact: str) -> None:
    story, step = STORIES[code, fact]
    told = story(lebots)
    words = re.escape(NEXT_STEPS[code][fact])
    words = re.sub(r"\\\{\w+\\\}", r"\\S+", words)
    assert re.search(words, " ".join(told.all.split())), told.all
    ended = step(lebots)
    assert ended.code == 0, ended.all


def test_every_next_step_is_taken() -> None:
    pairs = {(code, fact) for code, steps in NEXT_STEPS.items() for fact in steps}
    assert pairs == STORIES.keys()
