"""What a digest is bound to: what would be written and what that rests on, and nothing else.

What was reviewed in a pull request must be what runs after the merge (threat T17), on real git
repositories and the embedded account.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lebots import kinds
from lebots.core.compare.digest import plan_digest
from lebots.core.model.address import Address
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.core.planner import plan
from lebots.files.manifests import gathered, read_all
from lebots.run.inputs.embedded import open_sandbox
from tests.cli.conftest import ROUTING_BOT, Project, skill
from tests.repositories import Repo
from tests.toys import law

DATABASE = Path(".lebots/sandbox.db")
DOCUMENTS = [yaml.safe_load(text) for text in ROUTING_BOT.split("---\n")]


def digest(project: Project, *more: str) -> str:
    found = project("plan", "--format", "json", *more).json
    assert found["summary"]["create"] + found["summary"]["update"] > 0
    return str(found["digest"])


@pytest.fixture
def reviewed(lebots: Project) -> tuple[Project, Repo, str]:
    """A pull request on a branch of its own that was planned and reviewed."""
    repo = Repo.make(lebots.folder)
    repo.write(".gitignore", ".lebots/\n.secrets/\n")
    lebots.write("manifests/other.yaml", skill("other"))
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "mine")
    lebots.write("manifests/mine.yaml", skill("mine", maxWaitTime=90))
    lebots.write(
        "manifests/routing-bot.yaml", ROUTING_BOT.replace("nickname: Ava", "nickname: Bea")
    )
    repo.commit()
    return lebots, repo, digest(lebots, "--base", "main")


def merged(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--message", "merge", "mine")


def squashed(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--squash", "mine")
    repo.commit()


def rebased(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.commit(readme="something else")
    repo.git("checkout", "--quiet", "mine")
    repo.git("rebase", "--quiet", "main")
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--ff-only", "mine")


def moved(repo: Repo) -> None:
    repo.git("mv", "manifests/mine.yaml", "manifests/other-place.yml")
    (repo.folder / "manifests/deep").mkdir()
    repo.git("mv", "manifests/routing-bot.yaml", "manifests/deep/a.yaml")
    repo.commit()


def reordered(repo: Repo) -> None:
    file = repo.folder / "manifests/routing-bot.yaml"
    documents = [yaml.safe_load(text) for text in file.read_text().split("---\n")]
    for document in documents:
        document["spec"] = dict(reversed(document["spec"].items()))
    turned = [dict(reversed(document.items())) for document in reversed(documents)]
    file.write_text("# in another order\n" + yaml.safe_dump_all(turned, sort_keys=False))
    repo.commit()


def spelled_otherwise(repo: Repo) -> None:
    file = repo.folder / "manifests/mine.yaml"
    (document,) = yaml.safe_load_all(file.read_text())
    file.write_text(yaml.safe_dump(document, default_flow_style=False, default_style='"'))
    text = file.read_text().replace('!!int "90"', "90")
    file.write_text(f"\ufeff# words\n\n{text}\n...\n".replace("\n", "\r\n"))
    repo.commit()


SAME = [merged, squashed, rebased, moved, reordered, spelled_otherwise]


@pytest.mark.parametrize("happens", SAME, ids=lambda one: one.__name__)
def test_what_was_reviewed_is_what_runs(
    reviewed: tuple[Project, Repo, str], happens: Callable[[Repo], None]
) -> None:
    project, repo, approved = reviewed
    happens(repo)
    assert repo.git("status", "--porcelain") == ""
    assert digest(project) == approved
    ran = project("apply", "--expect", approved)
    assert ran.code == 0
    assert ran.out.startswith(f"digest {approved}, as approved\n")
    assert project("plan", "--check").code == 0


def manifest(name: str, edit: Callable[[str], str]) -> Callable[[Project], Any]:
    def change(project: Project) -> None:
        file = project.folder / "manifests" / name
        before = file.read_text()
        file.write_text(edit(before))
        assert file.read_text() != before

    return change


def live(collection: str, name: str, **fields: Any) -> Callable[[Project], Any]:
    def change(project: Project) -> None:
        with open_sandbox(DATABASE, "sandbox") as sandbox:
            sandbox.put(collection, {**sandbox.find(collection, name), **fields})

    return change


def another_group(project: Project) -> None:
    """The group that bots name is renamed, and another one gets its name."""
    with open_sandbox(DATABASE, "sandbox") as sandbox:
        group = sandbox.find("agentGroups", "Bots")
        sandbox.put("agentGroups", {**group, "name": "Bots before"})
        sandbox.put("agentGroups", {**group, "id": 4100299999})


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


OTHER = {
    "a value of a new object": manifest("mine.yaml", replaced("90", "91")),
    "a value of another object": manifest("routing-bot.yaml", replaced("Bea", "Cal")),
    "a name": manifest("mine.yaml", replaced('"mine"', '"yours"')),
    "one field more": manifest(
        "mine.yaml", replaced('"spec": {', '"spec": {"canTransfer": true, ')
    ),
    "one object more": manifest("other.yaml", lambda text: text + skill("more")),
    "one object less": manifest("other.yaml", lambda text: "# none\n"),
    "a sink": manifest("routing-bot.yaml", replaced("sink: runtime", "sink: vault")),
    "a live value that changes": live("users", "survey-bot", nickname="By hand"),
    "what a name stands for": another_group,
}


@pytest.fixture
def updating(reviewed: tuple[Project, Repo, str]) -> tuple[Project, str]:
    """The same, with a change of an object that exists."""
    project, _, _ = reviewed
    sinks = (project.folder / "lebots.yaml").read_text()
    project.write("lebots.yaml", sinks + "  vault: {type: dotenv, path: '.vault/{name}.env'}\n")
    bot = {**DOCUMENTS[2], "metadata": {"name": "survey-bot"}, "spec": {"nickname": "Sammy"}}
    project.write("manifests/survey.yaml", yaml.safe_dump(bot))
    return project, digest(project)


@pytest.mark.parametrize("what", OTHER)
def test_anything_else_has_to_be_reviewed_anew(updating: tuple[Project, str], what: str) -> None:
    project, approved = updating
    OTHER[what](project)
    assert digest(project) != approved
    ran = project("apply", "--expect", approved)
    assert ran.code == 6
    assert "plan and review again" in ran.err
    assert project.writes == []


def test_a_live_value_that_no_change_rests_on_does_not_matter(
    updating: tuple[Project, str],
) -> None:
    """Else no plan would survive an hour in an account that people work in."""
    project, approved = updating
    live("users", "survey-bot", description="by hand", maxChats=3)(project)
    live("skills", "Survey", description="by hand")(project)
    assert digest(project) == approved
    assert project("apply", "--expect", approved).code == 0


def test_another_account_has_another_digest(updating: tuple[Project, str]) -> None:
    project, approved = updating
    assert digest(project, "--account", "staging") != approved
    assert project("apply", "--account", "staging", "--expect", approved).code == 6
    assert project.writes == []


# The same for any manifests, not only for those above

KINDS = kinds.load()
names = st.sampled_from(["alpha", "beta", "gamma"])
specs = st.fixed_dictionaries(
    {},
    optional={
        "description": st.sampled_from(["", "x", "two words", "ümlaut", "yes"]),
        "maxWaitTime": st.integers(1, 99),
        "canTransfer": st.booleans(),
        "skillTransferList": st.lists(names, max_size=3, unique=True),
    },
)
projects = st.dictionaries(names, specs, min_size=1)
accounts = st.dictionaries(names, specs)


def documents(project: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"apiVersion": "lebots/v1", "kind": "Skill", "metadata": {"name": name}, "spec": spec}
        for name, spec in project.items()
    ]


def account_of(found: dict[str, dict[str, Any]], id_: str = "1") -> Account:
    fields = {part.name: part.default for part in KINDS["Skill"].fields}
    return Account(
        id_,
        tuple(
            Live(Address("Skill", name), str(ord(name[0])), "skills", {**fields, **spec})
            for name, spec in found.items()
        ),
    )


def digest_of(files: list[tuple[str, str]], account: Account) -> str | None:
    """The digest of the plan; None where the plan refuses."""
    found, wrong = read_all((name, text.encode()) for name, text in files)
    desired, more = gathered(found, [], KINDS)
    assert not [one for one in (*wrong, *more) if one.severity == "error"]
    planned = plan(desired, Inventory(account, KINDS))
    stopped = [one for one in planned.findings if one.severity in ("error", "refusal")]
    return None if stopped else plan_digest(planned)


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same YAML with every mapping in another order."""
    if isinstance(value, dict):
        items = [(name, shuffled(part, chance)) for name, part in value.items()]
        chance.shuffle(items)
        return dict(items)
    return value


@law
@given(projects, accounts, st.randoms(use_true_random=False), st.integers(1, 3))
def test_files_order_and_style_mean_nothing(
    project: dict[str, dict[str, Any]],
    found: dict[str, dict[str, Any]],
    chance: random.Random,
    files: int,
) -> None:
    account = account_of(found)
    plain = [("a.yaml", yaml.safe_dump_all(documents(project), allow_unicode=True))]
    listed = [shuffled(one, chance) for one in documents(project)]
    chance.shuffle(listed)
    styles: list[dict[str, Any]] = [
        {"default_flow_style": True},
        {"indent": 4, "explicit_start": True},
        {"allow_unicode": True, "width": 20},
    ]
    split = [
        (
            f"{number}/{chance.random()}.yml",
            yaml.safe_dump_all(listed[number::files], sort_keys=False, **styles[number]),
        )
        for number in range(files)
    ]
    assert digest_of(split, account) == digest_of(plain, account)


@law
@given(projects, accounts, st.data())
def test_every_value_counts(
    project: dict[str, dict[str, Any]], found: dict[str, dict[str, Any]], data: st.DataObject
) -> None:
    """A changed value of an owned field, declared or live, makes another digest."""
    name = data.draw(st.sampled_from(sorted(project)))
    field = data.draw(st.sampled_from(["description", "maxWaitTime", "canTransfer"]))
    one, other = data.draw(
        st.lists(
            {"description": st.text("abc", max_size=2), "maxWaitTime": st.integers(1, 9)}.get(
                field, st.booleans()
            ),
            min_size=2,
            max_size=2,
            unique=True,
        )
    )

    def of(declared: Any, there: Any, id_: str = "1") -> str | None:
        text = yaml.safe_dump_all(documents({**project, name: {**project[name], field: declared}}))
        live_ = {**found, **({name: {**found[name], field: there}} if name in found else {})}
        return digest_of([("a.yaml", text)], account_of(live_, id_))

    first = of(one, other)
    if first is None:
        return
    assert of(other, one) != first
    assert of(one, other, "2") != first
    if name in found:
        assert of(one, one) != first, "nothing is left to update there"
