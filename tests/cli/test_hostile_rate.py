"""A hostile tree takes `validate` and `fmt` no longer than valid manifests of its size would.

Time is the processor's, and a ratio within one run: per byte against the slowest of the valid
shapes, per entry of a folder against a file with one valid manifest.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import Project

SIZE, ENTRIES = 30_000, 600
RATIO, NOISE = 2.5, 0.1
COMMANDS = (("validate",), ("fmt", "--check"))


def manifest(kind: str, name: str, *fields: str) -> str:
    head = f"apiVersion: lebots/v1\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n"
    return head + "".join(f"  {field}\n" for field in fields or ("{}",)) + "---\n"


def skill(number: int) -> str:
    return manifest("Skill", f"skill-{number}", "description: what it is for", "wrapUpTime: 5")


def listing(number: int, item: Callable[[int], str], count: int = 1_000) -> str:
    items = ", ".join(map(item, range(count)))
    return manifest("BotUser", f"bot-{number}", f"skills: [{items}]")


def filled(one: Callable[[int], str]) -> str:
    """As many of them as make a text of the size."""
    count = SIZE // len(one(10).encode()) + 1
    return "".join(map(one, range(count)))


VALID: Mapping[str, str] = {
    "skills": filled(skill),
    "with comments": filled(lambda n: skill(n).replace("---\n", "# one\n# two\n---\n")),
    "lists of names": filled(lambda n: listing(n, lambda i: f"s{i}")),
}
TEXTS: Mapping[str, str] = {
    "empty documents": "---\n" * (SIZE // 4),
    "tiny documents": "--- a\n" * (SIZE // 6),
    "nested lists": filled(lambda n: "--- " + "[" * 1500 + "\n"),
    "nested fields": filled(lambda n: "---\n" + "".join(f"{' ' * i}a:\n" for i in range(19))),
    "list in list": "a: " + "[[]]," * (SIZE // 5),
    "unknown fields": filled(
        lambda n: manifest("Skill", f"s{n}", *(f"x{i}: 1" for i in range(50)))
    ),
    "almost fields": filled(
        lambda n: manifest("BotUser", f"s{n}", *(f"maxAsyncChat{i}: 1" for i in range(50)))
    ),
    "unknown kinds": filled(lambda n: manifest(f"Skil{n}", "a")),
    "wrong items": filled(lambda n: listing(n, lambda i: "1")),
    "equal items": filled(lambda n: listing(n, lambda i: "s")),
    "equal names": filled(lambda n: skill(0)),
    "names alike": filled(lambda n: manifest("Skill", f"\u0430bc{n}")),
    "long names": filled(lambda n: manifest("Skill", "x" * 4000 + str(n))),
    "marks upon marks": filled(lambda n: manifest("Skill", "e" + "\u0301\u0316" * 300 + str(n))),
    "almost references": filled(
        lambda n: listing(n, lambda i: f"skil-{n}-{i}", 20) + manifest("Skill", f"skill-{n}-1")
    ),
    "one line": "a: " + "x" * SIZE,
    "control characters": "a: " + "\x01" * SIZE,
    "comments": "# x\n" * (SIZE // 4),
    "secrets": "# password: abcdefgh1\n" * (SIZE // 22),
    "almost secrets": filled(lambda n: "# " + "eyJ-" * 2000 + "\n"),
    "almost addresses": filled(lambda n: "# " + "a://b:" * 1300 + "\n"),
}


def fill(put: Callable[[Path], object], ending: str = ".yaml") -> Callable[[Path], None]:
    """Puts many of one thing into a folder."""

    def all_of_them(folder: Path) -> None:
        for number in range(ENTRIES):
            put(folder / f"{number}{ending}")

    return all_of_them


def deep(folder: Path) -> None:
    here = Path.cwd()
    os.chdir(folder)
    for _ in range(1_200):
        os.mkdir("d")
        os.chdir("d")
    Path("a.yaml").write_text(skill(0))
    os.chdir(here)


def long_path(folder: Path) -> None:
    """Deeper than any path can be that one call takes."""
    here = Path.cwd()
    os.chdir(folder)
    for _ in range(30):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    os.chdir(here)


def next_one(link: Path) -> None:
    link.symlink_to(f"{int(link.stem) + 1}.yaml")


def next_through_nothing(link: Path) -> None:
    link.symlink_to(f"nothing/../{int(link.stem) + 1}.yaml")


TREES: Mapping[str, Callable[[Path], None]] = {
    "links to a file outside": fill(lambda link: link.symlink_to("/etc/passwd")),
    "links to a folder": fill(lambda link: link.symlink_to("/proc"), ""),
    "links to themselves": fill(lambda link: link.symlink_to(link.name)),
    "a chain of links": fill(next_one),
    "a chain through what is not there": fill(next_through_nothing),
    "pipes": fill(os.mkfifo),
    "folders": fill(os.mkdir, ""),
    "other files": fill(Path.touch, ".txt"),
    "files that look like manifests": fill(Path.touch, ".yaml.bak"),
    "a deep tree": deep,
    "a path that is too long": long_path,
}


def spent(project: Project, command: tuple[str, ...]) -> float:
    began = time.process_time()
    ran = project(*command)
    assert ran.code in (0, 3, 4), ran.all[-300:]
    return time.process_time() - began


@pytest.fixture(scope="module")
def rates() -> dict[str, float]:
    return {}


@pytest.fixture
def tree(empty: Project, rates: dict[str, float]) -> Iterator[Project]:
    """A project without manifests; ``rates`` holds what a byte and an entry may take."""
    folder = empty.folder / "manifests"
    folder.mkdir()
    for command in () if rates else COMMANDS:
        per_byte = 0.0
        for text in VALID.values():
            empty.write("manifests/a.yaml", text)
            per_byte = max(per_byte, spent(empty, command) / len(text))
        (folder / "a.yaml").unlink()
        for number in range(100):
            empty.write(f"manifests/{number}.yaml", skill(number))
        rates |= {command[0]: per_byte, f"{command[0]} an entry": spent(empty, command) / 100}
        for file in folder.iterdir():
            file.unlink()
    yield empty
    # Python's own way of removing a tree ends at a thousand folders, and so would pytest's.
    subprocess.run(["rm", "-rf", "--", str(folder)], check=True)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_per_byte(tree: Project, rates: dict[str, float], name: str, command: tuple[str]) -> None:
    tree.write("manifests/a.yaml", TEXTS[name])
    size = len(TEXTS[name].encode())
    assert spent(tree, command) < RATIO * rates[command[0]] * size + NOISE


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_per_entry(tree: Project, rates: dict[str, float], name: str, command: tuple[str]) -> None:
    TREES[name](tree.folder / "manifests")
    assert spent(tree, command) < RATIO * rates[f"{command[0]} an entry"] * ENTRIES + NOISE


def test_bytes_count_for_each_account_that_gets_them(
    tree: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a short list of accounts would multiply what manifests take."""
    monkeypatch.setattr("lebots.files.yaml.allowance.Allowance.__init__.__defaults__", (SIZE * 3,))
    tree.write("manifests/a.yaml", VALID["skills"])
    accounts = "".join(f"  a{n}: {{sandbox: {n}.db, overlays: [o/{n}.yaml]}}\n" for n in range(9))
    tree.write("lebots.yaml", f"apiVersion: lebots/v1\nkind: Project\naccounts:\n{accounts}")
    for number in range(9):
        tree.write(f"o/{number}.yaml", "---\n")
    ran = tree("validate")
    assert ran.code == 4
    assert f"more than {SIZE * 3} bytes of manifests in all" in ran.all


def test_fmt_says_no_more_than_anybody_reads(tree: Project) -> None:
    tree.write("manifests/a.yaml", TEXTS["unknown fields"] * 3)
    ran = tree("fmt", "--check")
    assert (ran.code, "the rest is not checked yet" in ran.all) == (4, True)
    assert len(ran.all.splitlines()) < 1200
