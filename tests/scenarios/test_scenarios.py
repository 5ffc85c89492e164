"""Every folder here is one story: an account, manifests, a plan, an apply, and what is left.

``scenario.yaml`` says what happens, ``manifests/`` what is wanted, and ``earlier/``, where there is
one, what was wanted and applied before the story begins; the other files are what must
come out, and a reviewer can read them without Python. ``pytest tests/scenarios --accept`` writes
them anew.

Each is told in process; some (at night all) once more over HTTPS to the same account served on
loopback, logged in as an application, and some as an administrator. What comes out is the same.
"""

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import yaml

from lebots.cli import main
from lebots.run.inputs import embedded
from lebots.sandbox import Rules
from tests.night import by_day
from tests.scenarios import account

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent for path in HERE.glob("*/scenario.yaml"))
DATABASE = Path(".lebots/sandbox.db")
IN_PROCESS, APPLICATION, ADMINISTRATOR = "in process", "oauth2", "login"
UNSURE_BY_TOKEN = {"058-agent-group-first", "060-persona-in-two-languages"}
"""Where the plan of an application says more: nobody knows whether its token can write that."""
TOLD = [
    *((folder, IN_PROCESS) for folder in FOLDERS),
    *(
        (folder, APPLICATION)
        for folder in by_day(FOLDERS, FOLDERS[::8])
        if folder.name not in UNSURE_BY_TOKEN
    ),
    *((folder, ADMINISTRATOR) for folder in by_day(FOLDERS[::4], FOLDERS[::24])),
]


_SEVEN = 7
_REMOVED = re.compile(r"^ +[0-9-]+ \S (?:disable|delete) +(?! |bot \S+$)", re.MULTILINE)
"""The line of a removal that somebody could be hit by: the lists are read once more before it."""
_DIGEST = re.compile(r"\b(?:[0-9a-f]{64}|(?<=change: )[0-9a-f]{12})\b")


class Story:
    """One scenario on its way: runs commands in its own folder and keeps what they gave."""

    def __init__(
        self,
        folder: Path,
        way: str,
        stage: account.Stage,
        accept: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.folder, self._way, self._stage = folder, way, stage
        self._accept, self._monkeypatch = accept and way == IN_PROCESS, monkeypatch
        self._chance = random.Random(folder.name)
        self.says: Mapping[str, Any] = yaml.safe_load((folder / "scenario.yaml").read_text())
        self.arguments: list[str] = self.says.get("arguments", [])

    def run(self, capsys: pytest.CaptureFixture[str], *arguments: str, refuse: Any = ()) -> Any:
        """Exit code, everything printed, and the requests that were sent."""
        log: list[str] = []
        opener = account.opener(self._chance, refuse, log, Rules(**self.says.get("rules", {})))
        self._monkeypatch.setattr(embedded, "Sandbox", opener)
        with self._reached(opener), pytest.raises(SystemExit) as ended:
            main(arguments)
        printed = capsys.readouterr()
        out, err = printed.out, printed.err
        if self._way != IN_PROCESS:
            out, err = _without_own_application(out), _without_banner(err)
        return ended.value.code, out + (f"--- stderr\n{err}" if err else ""), log

    def _reached(self, opener: Any) -> AbstractContextManager[None]:
        if self._way == IN_PROCESS:
            return nullcontext()
        return self._stage.playing(opener, DATABASE, self._way)

    def expect(self, name: str, text: str) -> None:
        """Compares with the file of that name, or writes it."""
        file = self.folder / name
        if self._accept:
            file.write_text(text, encoding="utf-8")
        assert file.exists(), f"{file} is missing: look at it, then run with --accept"
        told = file.read_text(encoding="utf-8")
        if self._way != IN_PROCESS:
            # A digest covers the domain too, and this one is served elsewhere.
            text, told = (_DIGEST.sub("DIGEST", one) for one in (text, told))
        assert text == told


def _without_own_application(out: str) -> str:
    """A served account holds one application more: the one that lebots itself logs in with."""
    return re.sub(
        r"keys of type oauth2 after apply: (\d+), now (\d+)",
        lambda found: (
            f"keys of type oauth2 after apply: {int(found[1]) - 1}, now {int(found[2]) - 1}"
        ),
        out,
    )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[account.Stage]:
    stage = account.Stage()
    with stage.listening(tmp_path_factory.mktemp("certificates")):
        yield stage


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("folder", "way"), TOLD, ids=[f"{folder.name}-{way}" for folder, way in TOLD]
)
def test_scenario(
    folder: Path,
    way: str,
    stage: account.Stage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    accept = request.config.getoption("--accept")
    story = Story(folder, way, stage, accept, monkeypatch)
    for part in ("earlier", "manifests", "lebots.yaml"):
        if (folder / part).is_dir():
            shutil.copytree(folder / part, tmp_path / part)
        elif (folder / part).exists():
            shutil.copy(folder / part, tmp_path / part)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lebots.run.inputs.session.SETTLE", ())
    DATABASE.parent.mkdir()
    if way != IN_PROCESS:
        account.let_tools_in(DATABASE)
    if (folder / "earlier").exists():
        code, text, _ = story.run(capsys, "apply", "earlier", "--yes")
        assert code == 0, text
    account.edit(DATABASE, story.says.get("before", ()))
    before = account.dump(DATABASE)

    code, text, log = story.run(capsys, "plan", *story.arguments, "--out", "plan.json")
    story.expect("plan.txt", _each_list(text, len(_lists(log))))
    asked = sum(map(_is_view, log))
    interrupts = _interrupts_bots(tmp_path / "plan.json")
    # A served account without the service has no host for it, so there is nobody to ask.
    assert asked == interrupts or (way != IN_PROCESS and not asked), "only for what interrupts bots"
    assert code == story.says.get("plan", 0), text
    assert not _writes(log), "a plan writes nothing"
    assert account.dump(DATABASE) == before, "a plan changes nothing"
    if code:
        return

    account.edit(DATABASE, story.says.get("between", ()))
    between = account.dump(DATABASE)
    refuse = story.says.get("refuse", ())
    code, text, log = story.run(capsys, "apply", "plan.json", refuse=refuse)
    story.expect("apply.txt", text)
    story.expect("requests.txt", _requests(log))
    assert code == story.says.get("apply", 0), text
    after = account.dump(DATABASE)
    story.expect("after.yaml", _yaml(account.changes(between, after)))

    if "again" in story.says:
        code, text, log = story.run(capsys, "apply", "--yes", *story.arguments)
        story.expect("again.txt", text)
        assert code == story.says["again"], text
    if code == 0:
        _laws(story, capsys)


def _laws(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    code, text, log = story.run(capsys, "plan", "--check", "--format", "json", *story.arguments)
    assert code == 0, f"after an apply the plan is empty, but: {text}"
    assert len(log) == len(set(log)), "a plan reads each collection once"
    assert json.loads(text)["summary"]["create"] == 0
    code, _, log = story.run(capsys, "apply", "--yes", *story.arguments)
    assert code == 0
    assert not _writes(log), "a second apply writes nothing"


def _without_banner(err: str) -> str:
    """Without the line that says whom a served account is not."""
    first, _, rest = err.partition("\n")
    if not first.startswith('account "sandbox" is a sandbox served at 127.0.0.1:'):
        return err
    return rest


def _writes(log: list[str]) -> list[str]:
    return [line for line in log if not (line.startswith("GET ") or _is_view(line))]


def _requests(log: list[str]) -> str:
    """The writes and single reads in order, and how often each collection was read.

    No number of collections: a new kind must not change what other stories say.
    """
    lists = _lists(log)
    # Of what belongs to others, a list is more than one request.
    single = [line for line in log if line not in lists and "view=BY_CONTEXT" not in line]
    times = Counter(line.split()[1].partition("?")[0].rpartition("/")[2] for line in lists)
    (usual, _), *_ = Counter(times.values()).most_common(1) or [(0, 0)]
    others = [f"{name} {count}" for name, count in sorted(times.items()) if count != usual]
    return "\n".join([*single, "; but ".join([f"and each list {usual} times", *others]), ""])


def _lists(log: list[str]) -> list[str]:
    return [line for line in log if line.startswith("GET ") and "v=" in line and _is_list(line)]


def _each_list(text: str, collections: int) -> str:
    """The same text without the number of collections, as above."""

    def shared(found: re.Match[str]) -> str:
        # Once more right before something goes that others can use.
        times = 3 if re.search(r"(disable|delete) .*(skill|key)", text) else 2
        more = int(found[1]) - times * collections
        return f"at most {times} times each list and {more} reads"

    return re.sub(r"at most (\d+) reads?", shared, text)


def _interrupts_bots(plan: Path) -> bool:
    """Whether a saved plan takes a bot that is there out of service, or changes its login."""
    if not plan.exists():
        return False
    changes = json.loads(plan.read_text())["changes"]
    return any(
        (one["effect"] in ("out-of-service", "login-changes") or change["action"] == "delete")
        and any(address.startswith("BotUser/") for address in one["on"])
        for change in changes
        for one in change["effects"]
    )


def _is_view(line: str) -> bool:
    """Whether it is the POST that only tells how busy bots are."""
    return line.startswith("POST ") and "/agent_view?" in line


def _is_list(line: str) -> bool:
    return "/" not in line.split()[1].split("?")[0].removeprefix("/app-key-manager").strip("/") or (
        "keys?" in line
    )


def _yaml(value: Mapping[str, Any]) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100) if value else ""
