"""A fleet of bots in git and in the embedded account, applied, with people beside it."""

import io
import os
import random
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from unittest.mock import patch

from lebots.cli import main
from lebots.run.inputs import embedded
from lebots.sandbox import Sandbox
from tests.repositories import ENVIRONMENT, Repo

ACCOUNT = Path(".lebots/account.db")
COLUMNS = 80
PLANNED = (0, 6)
"""Exit codes of a plan that is shown; 6 is a refused one."""
PEOPLES_SKILL = "Complaints"
"""A skill of four people that no manifest declares."""
TOPICS = (
    "orders", "returns", "faq", "delivery", "billing", "claims", "loyalty", "stores", "sizes",
    "gifts", "repairs", "coupons", "stock", "refunds", "payments", "accounts", "travel", "meters",
    "tariffs", "alerts",
)  # fmt: skip
_PEOPLE = ("ana.costa", "kwame.mensah", "mei.tanaka", "sean.obrien")
_NOON = 1_796_000_000.0
_PROJECT = """\
apiVersion: lebots/v1
kind: Project
defaultAccount: production
accounts:
  production:
    sandbox: .lebots/account.db
    retire: delete
    scope: {BotUser: ["*-bot-*"], Key: ["*-bot-*"], Skill: ["*-bot-*"]}
sinks:
  runtime:
    type: dotenv
    path: .secrets/{name}.env
"""
_BOT = """\
apiVersion: lebots/v1
kind: Skill
metadata:
  name: {skill}
spec:
  description: Conversations about {topic} that a bot takes first
---
apiVersion: lebots/v1
kind: Key
metadata:
  name: {name}
spec:
  type: oauth2
  description: Login of the bot for {topic}
{scope}  sink: runtime
---
apiVersion: lebots/v1
kind: BotUser
metadata:
  name: {name}
spec:
  fullName: Bot {number} for {topic}
  nickname: Ava
  description: Answers questions about {topic}
  email: bots@example.com
  pictureUrl: https://cdn.example.com/ava.png
  profiles: [{profiles}]
  skills: [{skill}]
  agentGroup: Bots
{manages}  key: {name}
  maxAsyncChats: 25
  enabled: true
"""
_LEAD = {
    "profiles": "Agent, Agent Manager",
    "manages": "  managerOf: [Bots]\n",
    "scope": "  scope: [msg.consumer]\n",
}
_ORDINARY = {"profiles": "Agent", "manages": "", "scope": ""}
_PEOPLES_SKILLS = """\
apiVersion: lebots/v1
kind: Skill
metadata:
  name: Customer care
spec:
  description: Everything about an order
  canTransfer: true
  skillTransferList: [Billing, Sales]
  fallbackSkill: Billing
---
apiVersion: lebots/v1
kind: Skill
metadata:
  name: Billing
spec:
  description: Invoices and payments
  skillTransferList: [Customer care, Sales]
  skillRoutingConfiguration: [{agentGroup: Support, priority: 1, splitPercentage: 100}]
---
apiVersion: lebots/v1
kind: Skill
metadata:
  name: Sales
spec:
  description: Offers and contracts
  fallbackSkill: Customer care
"""
_PORTAL = """\
apiVersion: lebots/v1
kind: Key
metadata:
  name: portal
spec:
  type: oauth2
  description: Login of people to the portal of the bots
  grant_types: [authorization_code]
  scope: [msg.consumer]
  redirect_uris: ["https://portal.example.com/back"]
  sink: runtime
"""


def manifests(bots: int) -> dict[str, str]:
    """The files that declare the fleet, by path."""
    files = {
        f"manifests/bots/{name}.yaml": bot(name, lead=number % len(TOPICS) == 3)
        for number in range(bots)
        for name in [bot_name(number)]
    }
    return files | {"manifests/skills.yaml": _PEOPLES_SKILLS, "manifests/portal.yaml": _PORTAL}


def bot_name(number: int) -> str:
    """The name of a bot by its place in the fleet."""
    return f"{TOPICS[number % len(TOPICS)]}-bot-{number + 1:02}"


def bot(name: str, skill: str = "", *, lead: bool = False) -> str:
    """The manifests of a bot, its skill, of the same name unless given, and its key."""
    topic, _, number = name.split("-")
    facts = _LEAD if lead else _ORDINARY
    return _BOT.format(name=name, topic=topic, number=number, skill=skill or name, **facts)


@contextmanager
def applied(folder: Path, files: dict[str, str], chance: random.Random) -> Iterator[Repo]:
    """The fleet on the branch main and in the account; its folder is the working one."""
    steady = partial(Sandbox, now=lambda: _NOON, random=chance)
    environment = {**ENVIRONMENT, "COLUMNS": str(COLUMNS)}
    with (
        patch.dict(os.environ, environment, clear=True),
        patch.object(embedded, "Sandbox", steady),
    ):
        repo = Repo.make(folder)
        with chdir(folder):
            for name, text in files.items():
                repo.write(name, text)
            repo.write("lebots.yaml", _PROJECT)
            repo.write(".gitignore", ".lebots/\n.secrets/\n")
            repo.commit()
            lebots("apply", "--yes", ends=(0,))
            _people_come()
            yield repo


def lebots(*arguments: str, ends: tuple[int, ...] = PLANNED) -> str:
    """What a command prints; an error where it ends in another way."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as ended:
            code = ended.code or 0
    if code not in ends:
        raise RuntimeError(f"lebots {' '.join(arguments)}: exit {code}\n{err.getvalue()}")
    return out.getvalue() + err.getvalue()


@contextmanager
def by_hand() -> Iterator[Sandbox]:
    """The account, to edit as somebody does at a prompt."""
    with embedded.open_sandbox(ACCOUNT, "production") as sandbox:
        yield sandbox


def _people_come() -> None:
    with by_hand() as sandbox:
        like = sandbox.find("skills", "Survey")
        skill = sandbox.put("skills", {**like, "id": None, "name": PEOPLES_SKILL})
        for name in _PEOPLE:
            person = sandbox.find("users", f"{name}@acme.test")
            sandbox.put("users", {**person, "skillIds": [*person["skillIds"], skill]})
