"""The pictures show what runs print; drawing them needs a browser."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"


@pytest.fixture(scope="module")
def pictures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pictures", FOLDER / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def run(pictures: ModuleType) -> Iterator[Any]:
    """The run that the README shows."""
    with pictures.fleet() as repo:
        yield pictures.planned(repo, pictures.edits(36))


@pytest.mark.nightly
def test_the_picture_of_the_readme_is_what_a_run_prints(run: Any) -> None:
    title = run.comment.splitlines()[1]
    assert title == (
        "### lebots \u00b7 production \u00b7 1 bot, 1 key and 1 skill to DELETE, 1 grant, "
        "1 bot out of service, 1 login change, 10 new bots"
    )
    assert "| **this pull request** | 30 | 3 | 3 |  |" in run.comment
    assert '+ 1-20, 23-32 create  10 bots, each with its skill and key, "new-bot-41"' in run.comment
    assert '! 33 update  bot "returns-bot-02"   profiles ["Agent"] -> ' in run.comment
    first = run.text[run.text.index("LOOK FIRST") : run.text.index("DETAIL")].splitlines()
    assert len(first) < 40
    assert max(map(len, first)) <= 92


@pytest.mark.nightly
@pytest.mark.enable_socket
def test_all_to_approve_is_on_one_screen(pictures: ModuleType, run: Any, chromium: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        assert pictures.Studio(browser).to_approve(run.comment) < pictures.SCREEN
        browser.close()


def test_the_pictures_are_there() -> None:
    for name in ("plan-page.png", "plan-comment.png"):
        assert (FOLDER / name).read_bytes().startswith(b"\x89PNG")
