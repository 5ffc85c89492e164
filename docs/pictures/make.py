"""Draws what runs of lebots print: ``make pictures``. It needs Chromium.

The two pictures of the README are written beside this file, all others below ``.lebots/pictures``:
a fleet of forty bots with 1, 36, 300 and 10,000 changes, as comment and page, wide, on a phone and
dark. The fleet and the people in it are made up.
"""

import base64
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))  # run by itself, this file sees what stands beside it alone

from benchmarks.fleet import applied, bot, bot_name, lebots, manifests  # noqa: E402
from tests.repositories import Repo  # noqa: E402

BOTS = 40
CHANGES = (1, 36, 300, 10_000)
SCREEN = 1_000
"""Pixels that a reviewer sees without scrolling."""
WIDE, PHONE = 900, 390
_GUARDS = (
    "    guards: {allowedProfiles: [Agent, Agent Manager, Administrator], maxDeletePercent: 90}\n"
)
_A_FILE = 250
"""New bots that one file declares."""


class Run(NamedTuple):
    """What one plan wrote and printed."""

    comment: str
    page: str
    text: str


def edits(changes: int) -> dict[str, str | None]:
    """The files of a pull request that makes so many changes, None for one that goes."""
    files: dict[str, str | None] = {}
    if changes > 1:
        for number, old, new in (
            (1, "profiles: [Agent]", "profiles: [Administrator, Agent]"),
            (22, "key: faq-bot-23", "key: billing-bot-25"),
            (5, "enabled: true", "enabled: false"),
        ):
            path, text = _declared(number)
            assert old in text
            files[path] = text.replace(old, new)
        files[_declared(16)[0]] = None
        texts = [bot(f"new-bot-{number + BOTS + 1:02}") for number in range((changes - 6) // 3)]
        for at in range(0, len(texts), _A_FILE):
            files[f"manifests/new-{at // _A_FILE + 1}.yaml"] = "---\n".join(
                texts[at : at + _A_FILE]
            )
    else:
        path, text = _declared(3)
        files[path] = text.replace("maxAsyncChats: 25", "maxAsyncChats: 30")
    return files


def _declared(number: int) -> tuple[str, str]:
    path = f"manifests/bots/{bot_name(number)}.yaml"
    return path, manifests(BOTS)[path]


@contextmanager
def fleet() -> Iterator[Repo]:
    """The fleet on main and in the account; the working folder is its folder."""
    with (
        tempfile.TemporaryDirectory() as place,
        applied(Path(place) / "fleet", manifests(BOTS), random.Random(1)) as repo,
    ):
        project = repo.folder / "lebots.yaml"
        repo.write("lebots.yaml", project.read_text("utf-8").replace("sinks:", f"{_GUARDS}sinks:"))
        repo.commit()
        yield repo


def planned(repo: Repo, files: Mapping[str, str | None]) -> Run:
    """The plan of a branch that has these files."""
    repo.git("checkout", "--quiet", "-B", "change", "main")
    for name, text in files.items():
        if text is None:
            (repo.folder / name).unlink()
        else:
            repo.write(name, text)
    repo.commit()
    # A bot with its key and skill goes, and another one stops.
    options = ["--prune", "--confirm-deletes", "4"] if None in files.values() else []
    comment, page = (repo.folder.parent / name for name in ("plan.md", "plan.html"))
    written = ("--markdown-file", str(comment), "--html-file", str(page))
    text = lebots("plan", "--base", "main", *written, *options)
    return Run(comment.read_text("utf-8"), page.read_text("utf-8"), text)


def hosted(comment: str, scheme: str = "light") -> str:
    """A comment as a code host shows it."""
    from markdown_it import MarkdownIt

    host = MarkdownIt("commonmark", {"html": True}).enable("table")
    host.add_render_rule("fence", _fence)
    style = (HERE / "comment.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html><html data-scheme="{scheme}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><style>'
        f'{style}</style><div class="comment"><p class="by"><b>lebots</b> commented</p>'
        f'<div class="said">{host.render(comment)}</div></div>'
    )


def _fence(_: Any, tokens: Any, number: int, *__: Any) -> str:
    lines = tokens[number].content.splitlines()
    if tokens[number].info != "diff":
        return f"<pre>{escape(tokens[number].content)}</pre>"
    looks = {"+": "added", "-": "removed", "!": "changed"}
    drawn = (f'<span class="{looks.get(line[:1], "")}">{escape(line)}</span>' for line in lines)
    return f"<pre>{chr(10).join(drawn)}</pre>"


def printed(text: str) -> str:
    """What a terminal shows."""
    style = "body{margin:16px;background:#fff;color:#1f2328;font:14px/1.35 monospace}"
    return f'<!doctype html><meta charset="utf-8"><style>{style}</style><pre>{escape(text)}</pre>'


def beside(height: int, *pictures: bytes) -> str:
    """Pictures on one page, as high as each other."""
    sources = (base64.b64encode(picture).decode() for picture in pictures)
    shown = "".join(f'<img src="data:image/png;base64,{source}">' for source in sources)
    style = f"body{{margin:0;display:flex;gap:24px}}img{{height:{height}px;border:1px solid #8886}}"
    return f"<!doctype html><style>{style}</style><body>{shown}"


class Studio:
    """A browser that takes pictures."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser

    def opened(self, text: str, width: int, scheme: Any = "light", scale: float = 1) -> Any:
        """A window with a page in it."""
        page = self.browser.new_page(color_scheme=scheme, device_scale_factor=scale)
        page.set_viewport_size({"width": width, "height": SCREEN})
        page.set_content(text)
        return page

    def taken(self, text: str, width: int, scheme: Any = "light", scale: float = 1) -> bytes:
        """What is seen of a page without scrolling."""
        page = self.opened(text, width, scheme, scale)
        picture: bytes = page.screenshot()
        page.close()
        return picture

    def to_approve(self, comment: str, width: int = WIDE) -> int:
        """Pixels down to the end of the last thing in a comment that is not folded and changes."""
        page = self.opened(hosted(comment), width)
        last = page.locator(".said > pre").all()[1]
        box = last.bounding_box()
        page.close()
        return int(box["y"] + box["height"])


def main() -> None:
    """Writes the pictures, of all or the named numbers of changes, and says how far down one has to
    read to approve.
    """
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no pictures: install chromium first, with `make browser`")
    elsewhere = ROOT / ".lebots" / "pictures"
    elsewhere.mkdir(parents=True, exist_ok=True)
    chosen = [int(one) for one in sys.argv[1:]] or CHANGES
    with fleet() as repo:
        runs = {changes: planned(repo, edits(changes)) for changes in chosen}
    with sync_playwright() as driver:
        studio = Studio(driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"]))
        for changes, run in runs.items():
            for scheme in ("light", "dark"):
                for width in (WIDE, PHONE):
                    name = f"{changes}-{width}-{scheme}.png"
                    comment = studio.taken(hosted(run.comment, scheme), width, scheme)
                    (elsewhere / f"comment-{name}").write_bytes(comment)
                    (elsewhere / f"page-{name}").write_bytes(studio.taken(run.page, width, scheme))
            (elsewhere / f"terminal-{changes}.png").write_bytes(
                studio.taken(printed(run.text), WIDE)
            )
            (elsewhere / f"terminal-{changes}.txt").write_text(run.text, encoding="utf-8")
            print(f"{changes} changes: {studio.to_approve(run.comment)} px to approve")
        if 36 in runs:
            _of_the_readme(studio, runs[36])
        studio.browser.close()


def _of_the_readme(studio: Studio, run: Run) -> None:
    wide = studio.taken(run.page, WIDE, scale=1.5)
    phone = studio.taken(run.page, PHONE, "dark", scale=1.5)
    width = WIDE + PHONE + 28
    for name, picture in (
        ("plan-page.png", studio.taken(beside(SCREEN, wide, phone), width, scale=1.5)),
        ("plan-comment.png", studio.taken(hosted(run.comment), WIDE, scale=1.5)),
    ):
        (HERE / name).write_bytes(picture)
        print(f"wrote {HERE / name}, {len(picture):,} bytes")


if __name__ == "__main__":
    main()
