"""How lebots is installed: never by a name that nobody holds on an index."""

import importlib.metadata
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from lebots import install
from tests.command import lebots
from tests.test_boundaries import MODULES, ROOT, tree, words

BY_NAME = re.compile(
    r"\b(?:pip install|pipx (?:install|run|inject)|uv add|uv tool (?:install|run)|uvx|--from)\s"
    r"(?:(?!git\+)[^\n|`])*?"
    r"(?<![\w./@#-])['\"]?lebots(?:\[[a-z0-9,]*\])?(?! @)(?:['\"`]|[=<>~!]|\s|$)"
)
"""A command that hands an installer the bare name."""
PAGES = [
    path
    for path in (*ROOT.rglob("*.md"), *ROOT.glob("docs/**/*"), *ROOT.glob("*.yml"))
    if path.is_file()
    and not {".venv", ".git", "node_modules", "tests", "__pycache__"}
    & set(path.relative_to(ROOT).parts)
    and path.suffix != ".png"
]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HUB = "https://git.example.com/bots/lebots.git"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pip install 'lebots[vault]'", True),
        ("pip install lebots", True),
        ("`uv tool install lebots`", True),
        ("pipx install lebots==1.0", True),
        ("uvx lebots plan", True),
        ("pip install 'lebots[vault] @ git+https://git.example.com/lebots'", False),
        ("pipx install git+https://github.com/OWNER/lebots@FULL_COMMIT_SHA", False),
        ("pip install --editable .", False),
    ],
)
def test_a_bare_name_is_found(text: str, *, found: bool) -> None:
    assert bool(BY_NAME.search(text)) is found


def test_no_page_and_no_message_installs_lebots_by_name() -> None:
    for page in {*PAGES}:
        assert not (hit := BY_NAME.search(page.read_text(encoding="utf-8"))), f"{page}: {hit}"
    for module in MODULES:
        for line, text in words(tree(module)):
            assert not BY_NAME.search(text), f"{module}:{line}: {text}"
            assert "lebots[" not in text or module == ROOT / "lebots/install.py", f"{module}:{line}"


class Installed:
    """A distribution as an installer leaves it."""

    requires = ("httpx>=0.28", "hvac>=2.4; extra == 'vault'", "boto3>=1.40; extra == 'aws'")

    def __init__(self, direct: Any, tool: str = "pip") -> None:
        self._texts = {"direct_url.json": json.dumps(direct) if direct else None, "INSTALLER": tool}

    def read_text(self, name: str) -> str | None:
        return self._texts[name]


@pytest.mark.parametrize(
    ("direct", "wanted"),
    [
        ({"url": "file:///home/a%20b/lebots", "dir_info": {"editable": True}},
         "-e '/home/a b/lebots[vault]'"),
        ({"url": "file:///src/lebots", "dir_info": {}}, "'/src/lebots[vault]'"),
        ({"url": HUB, "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
         f"'lebots[vault] @ git+{HUB}@{COMMIT}'"),
        ({"url": HUB, "vcs_info": {"vcs": "git", "commit_id": COMMIT}, "subdirectory": "py"},
         f"'lebots[vault] @ git+{HUB}@{COMMIT}#subdirectory=py'"),
        ({"url": "https://a.example.com/lebots-1-py3-none-any.whl", "archive_info": {}},
         "'lebots[vault] @ https://a.example.com/lebots-1-py3-none-any.whl'"),
        ({"url": "https://me:pass@a.example.com/l.whl", "archive_info": {}}, "'hvac>=2.4'"),
        ({"url": "https://a.example.com/l.whl?token=abc", "archive_info": {}}, "'hvac>=2.4'"),
        (
            {"url": "file:///src/lebots", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            "'hvac>=2.4'",
        ),
        (None, "'hvac>=2.4'"),
    ],
)  # fmt: skip
def test_an_extra_comes_from_where_lebots_came_from(
    monkeypatch: pytest.MonkeyPatch, direct: Any, wanted: str
) -> None:
    monkeypatch.setattr(sys, "executable", "/venv/bin/python")
    for tool, begins in (
        ("pip\n", "/venv/bin/python -m pip install"),
        ("uv", "uv pip install --python /venv/bin/python"),
    ):
        monkeypatch.setattr(importlib.metadata, "distribution", lambda _, tool=tool: Installed(
            direct, tool))  # fmt: skip
        assert install.adding("vault") == f"{begins} {wanted}"


def test_a_checkout_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    assert install.adding("aws").endswith(f"-m pip install -e '{ROOT}[aws]'")


def test_serving_https_says_how_to_get_its_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "trustme", None)
    assert lebots("init").code == 0
    ran = lebots("sandbox", "serve", "--https")
    assert (ran.code, ran.err) == (
        5,
        f"lebots: https needs the package trustme: {install.adding('serve')}\n",
    )
