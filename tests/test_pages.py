"""Every page: its links lead somewhere, and its commands are commands with such options."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer.main
from markdown_it import MarkdownIt
from markdown_it.token import Token

from lebots.cli import app

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("manifests/**/*.md")]
MARKDOWN = MarkdownIt("commonmark").enable("table")
PROGRAM: Any = typer.main.get_command(app)
SHELLS = {"sh", "bash", "console"}


def tokens(page: Path) -> Iterator[Token]:
    for token in MARKDOWN.parse(page.read_text(encoding="utf-8")):
        yield token
        yield from token.children or ()


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """How GitHub names the headings of a page."""
    found: set[str] = set()
    parsed = MARKDOWN.parse(page.read_text(encoding="utf-8"))
    for opened, inline in pairwise(parsed):
        if opened.type == "heading_open":
            parts = inline.children or ()
            words = "".join(one.content for one in parts if one.type in ("text", "code_inline"))
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            repeated = (f"{slug}-{number}" for number in range(1, 99))
            found.add(slug if slug not in found else next(s for s in repeated if s not in found))
    return found


def links(page: Path) -> Iterator[str]:
    for token in tokens(page):
        target = token.attrs.get("href") or token.attrs.get("src")
        if target:
            yield str(target)
        if token.type in ("html_inline", "html_block"):
            yield from re.findall(r'(?:href|src)="([^"]+)"', token.content)


def dead(page: Path, target: str) -> bool:
    if re.match(r"(https?|mailto):", target):
        return False
    file, _, anchor = target.partition("#")
    there = page.parent / file if file else page
    if not there.exists() or not there.resolve().is_relative_to(ROOT.resolve()):
        return True
    return bool(anchor) and there.suffix == ".md" and anchor not in anchors(there)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_link_is_dead(page: Path) -> None:
    assert [target for target in links(page) if dead(page, target)] == []


@pytest.mark.parametrize("target", ["gone.md", "README.md#gone", "#gone", "../outside.md"])
def test_a_dead_link_is_found(target: str) -> None:
    assert dead(ROOT / "README.md", target)


def commands(page: Path) -> Iterator[str]:
    """What a page says after ``lebots``, in code alone."""
    for token in tokens(page):
        if token.type == "code_inline":
            lines = [token.content]
        elif token.type == "fence" and token.info in SHELLS:
            lines = re.sub(r"\\\n", " ", token.content).splitlines()
            if token.info == "console":
                lines = [line for line in lines if line.startswith("$ ")]
        else:
            continue
        for line in lines:
            for found in re.findall(
                r"(?:^|[|&;] )(?:\$ )?(?:\.venv/bin/)?lebots ([^|&;#`]+)", line
            ):
                yield found.strip()


def wrong(shown: str) -> str:
    """What is wrong with a command; empty where it is one."""
    words = [word for word in shlex.split(shown) if word not in ("...", "…")]
    command = PROGRAM
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        word = words.pop(0)
        if word not in command.commands:
            return f"no command {word}"
        command = command.commands[word]
    options = {
        option for part in getattr(command, "loaded", command).params for option in part.opts
    }
    options |= {"--help", "--version"}
    asked = {word.strip("[]").partition("=")[0] for word in words}
    return " ".join(sorted(word for word in asked if word.startswith("--") and word not in options))


@pytest.mark.parametrize("page", [one for one in PAGES if one.name != "CHANGELOG.md"], ids=name)
def test_every_command_and_option_exists(page: Path) -> None:
    found = {shown: problem for shown in commands(page) if (problem := wrong(shown))}
    assert found == {}


@pytest.mark.parametrize("shown", ["paln", "plan --chek", "sandbox sreve", "receipt push --force"])
def test_a_command_that_is_none_is_found(shown: str) -> None:
    assert wrong(shown)


def test_there_are_commands_on_the_pages() -> None:
    assert sum(len(list(commands(page))) for page in PAGES) > 60
