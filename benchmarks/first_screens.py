"""First screens of pull requests on a fleet, half of them with one danger; ``make screens``.

Whoever reads them has the text alone: what was caught, and what was stopped without need, is
counted against the answers.
"""

import argparse
import json
import random
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.dangers import DANGERS
from benchmarks.draft import Draft
from benchmarks.fleet import ACCOUNT, COLUMNS, applied, by_hand, lebots, manifests
from tests.repositories import Repo

LINES = 45
"""What fits on one screen."""
_FOLD = re.compile(r"<details>\s*<summary>(.*?)</summary>.*?</details>", re.DOTALL)
_UNSEEN = re.compile(r"<!--.*?-->\n*", re.DOTALL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the screens go")
    parser.add_argument("--answers", type=Path, required=True, help="where the answers go")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--screens", type=int, default=40)
    parser.add_argument("--bots", type=int, default=40)
    chosen = parser.parse_args()
    write(chosen.folder, chosen.answers, chosen.seed, chosen.screens, chosen.bots)


def write(folder: Path, answers: Path, seed: int, screens: int, bots: int) -> None:
    """Writes the screens and, elsewhere, what each of them holds."""
    folder, answers = folder.resolve(), answers.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    answers.parent.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    told: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory() as place,
        applied(Path(place) / "fleet", manifests(bots), chance) as repo,
    ):
        spare = shutil.copy(ACCOUNT, Path(place) / "account.db")
        for number, code in enumerate(codes(seed, screens), start=1):
            name = f"{number:02}"
            draft, told[name] = drafted(f"{seed}/{number}", code, bots)
            comment, text = _planned(repo, draft, Path(place) / "plan.md")
            (folder / f"{name}.md").write_text(first_screen(drawn(comment)), encoding="utf-8")
            (folder / f"{name}.txt").write_text(first_screen(typed(text)), encoding="utf-8")
            shutil.copy(spare, ACCOUNT)
    written = {"seed": seed, "bots": bots, "screens": told}
    answers.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def codes(seed: int, screens: int) -> list[str]:
    """The danger of each screen, empty for half of them; none comes twice before all came."""
    chance, wanted = random.Random(f"{seed}/dangers"), screens // 2
    found: list[str] = []
    while len(found) < wanted:
        found += chance.sample(sorted(DANGERS), len(DANGERS))
    mixed = found[:wanted] + [""] * (screens - wanted)
    chance.shuffle(mixed)
    return mixed


def drafted(seed: str, code: str, bots: int) -> tuple[Draft, dict[str, Any]]:
    """One pull request, with the danger of that code if any, and what there is to say of it."""
    chance, draft = random.Random(seed), Draft(manifests(bots))
    told: dict[str, Any] = {"danger": code or None}
    if code:
        danger = DANGERS[code]
        hurt, field = danger.do(draft, chance)
        told |= {"line": danger.line, "effect": danger.effect, "object": hurt, "field": field}
    before = set(draft.edited)
    for _ in range(chance.randint(1, 12)):
        draft.harmless(chance)
    told["harmless"] = [f"{address} {name}" for address, name in sorted(draft.edited - before)]
    for _ in range(chance.randint(0, 10 - len(draft.added))):
        draft.add()
    told["new"] = draft.added
    return draft, told


def drawn(comment: str) -> str:
    """A comment as a host draws it: folds are closed, and what is for programs is not seen."""
    return _FOLD.sub(r"> \1", _UNSEEN.sub("", comment))


def typed(text: str) -> str:
    """What a terminal makes of it: longer lines go on in the next row."""
    return re.sub(rf"(.{{{COLUMNS}}})(?=.)", r"\1\n", text)


def first_screen(text: str) -> str:
    """The lines of it that are read without scrolling."""
    return "".join(text.splitlines(keepends=True)[:LINES])


def _planned(repo: Repo, draft: Draft, comment: Path) -> tuple[str, str]:
    """The comment, and what a terminal shows."""
    repo.git("checkout", "--quiet", "-B", "change", "main")
    shutil.rmtree("manifests")
    for name, text in draft.files.items():
        repo.write(name, text)
    repo.commit()
    with by_hand() as sandbox:
        for login, fields in draft.by_hand.items():
            sandbox.put("users", {**sandbox.find("users", login), **fields})
    options = ("--base", "main", "--markdown-file", str(comment))
    text = lebots("plan", *options, *draft.options)
    return comment.read_text(encoding="utf-8"), text


if __name__ == "__main__":
    main()
