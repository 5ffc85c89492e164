"""Who words what: the core knows no command line, and names are quoted in one way."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1] / "lebots"
COMMAND_LINE = re.compile(r"(?<![\w-])--[a-z]|\blebots (apply|doctor|explain|import|plan|rotate)\b")
VENDOR_WORDS = re.compile(r"\b(keys?|bots?|applications?|installations?)\b", re.IGNORECASE)
STILL_NAMES_THE_COMMAND_LINE = {
    "core/checks/list_integrity.py": 1,
    "core/checks/missing_credentials.py": 1,
    "core/checks/removal_limits.py": 3,
    "core/compare/match.py": 1,
    "core/history/origin.py": 1,
    "core/importer/select.py": 1,
    "core/manifest/schema.py": 1,
    "core/rotate/state.py": 2,
    "kinds/bot_user.py": 1,
}
"""Findings whose next step is not worded outside of the core yet; the numbers only fall."""
STILL_NAMES_WHAT_KINDS_ARE = {
    "core/checks/missing_credentials.py": 1,
    "core/checks/protection.py": 1,
    "core/compare/change.py": 1,
    "core/model/address.py": 1,
    "core/model/change.py": 1,
    "core/rotate/plan.py": 6,
    "core/rotate/state.py": 1,
    "core/strict_json.py": 1,
    "core/vendor/credential_fields.py": 4,
}
"""The same for what a kind is called; a key of a JSON object and an example of an address stay."""


def texts(*packages: str) -> Iterator[tuple[str, str]]:
    """Every string that is no docstring, with its module."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            stated = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            told = (node for node in ast.walk(tree) if id(node) not in stated)
            for node in told:
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield path.relative_to(ROOT).as_posix(), node.value


def holding(pattern: re.Pattern[str], *packages: str) -> Counter[str]:
    return Counter(module for module, text in texts(*packages) if pattern.search(text))


def test_the_core_and_the_kinds_name_no_option_and_no_command() -> None:
    assert holding(COMMAND_LINE, "core", "kinds") == STILL_NAMES_THE_COMMAND_LINE


def test_the_core_says_what_things_are_in_the_words_of_their_kinds() -> None:
    assert holding(VENDOR_WORDS, "core") == STILL_NAMES_WHAT_KINDS_ARE


def test_a_name_in_a_sentence_is_quoted_by_one_function() -> None:
    """What is left writes values, not names."""
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FormattedValue) and "json.dumps(" in ast.unparse(node.value)
    }
    values = {"core/manifest/schema_errors.py", "render/plain/explain.py"}
    assert {one for one in found if not one.startswith("sandbox/")} == values
