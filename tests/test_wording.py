"""Who words what: the core knows no command line, and one word stands for one thing."""

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


# One word for one thing, in what people read


NOT_USED = {
    # a key
    "key": r"\b(former|first|second|old|new) (application|installation)s?\b|\binstallations?\b",
    "the old key, the new key": r"\bthe (former|second) one\b",
    # the verbs of a plan
    "prune, disable, delete": r"\bretir(e|es|ed|ing)\b",
    "unmanaged": r"\bleft alone\b|\bdeclared by (no manifest|nobody)\b",
    "in sync": r"\bas the manifests say\b",
    "adopt": r"\b(is|are) taken over\b|\btaken over as it is\b|\btaken-over\b",
    "recreate": r"\breissue|\b(make|made|makes) (it |this key )?anew\b",
    "sink: null": r"\bcredentials: (null|runtime)\b",
    "sink": r"\bplaces? for (generated )?secrets?\b",
    "compare": r"\blebots diff\b",
    "get": r"\bexplain Kind/name\b",
    "read-only credential": r"\bcaller (that|who) may only\b|\bmay only read\b",
    "used by": r"\bhangs? on\b|\bblast radius\b",
    "drift, manual change": r"\bsomebody changed\b|\bchanged by somebody\b",
    "pending": r"\bwaits? (on the base|to be applied)\b|\bnobody applied\b",
    "no longer declared": r"\blets? go of\b",
    "finding, note": r"\bcomplain(t|s|ts)?\b|\bremarks?\b",
    "applied in part": r"\bhalf-?way\b",
    # ten sentences that were hard to understand
    "lebots does not rotate a key": r"\brotation is not begun\b|\bwhom none of the manifests\b",
    "after review, allow exactly N removals": r"\blooked at each\b|\blook at each\b",
    "lebots checks git history": r"\bhistory of the base is asked\b",
    "label each difference": r"\b(tell|tells|told) apart\b",
    "recreate this key": r"\balthough its secret was delivered\b",
    "check connection, permissions": r"\blook whether\b",
    "lebots will manage it": r"\bas it is, fields that\b",
    "cannot be sure of the whole list": r"\blist may lack\b",
    "lebots never creates the key": r"\bsuch a manifest never\b",
    "capacity": r"\broom for (a )?conversations?\b|\bwithout-room\b",
}
"""By the word that is used, those that are not."""
HONEST = {
    "lebots/kinds/key.py": "installations",  # the vendor's name of a collection, and its path
    "lebots/project/config.py": "retire",  # a field of lebots.yaml
    "lebots/project/schema.py": "retire",
    "schemas/project.schema.json": "retire",
    "docs/prune.md": "retire",
    "CHANGELOG.md": "retire",
}
"""Words that stand where they name something else, or a thing of the vendor."""
RENAMED = re.compile(
    r"^### Changed\n\n- Help, output.*?`formatVersion` 2\.$", re.DOTALL | re.MULTILINE
)
"""What the changelog says of the words themselves."""
PROJECT = ROOT.parent
PAGES = [
    *PROJECT.glob("*.md"),
    *PROJECT.glob("docs/*.md"),
    *(file for file in PROJECT.glob("docs/ci/**/*") if file.is_file()),
    *PROJECT.glob("docs/sinks/*.py"),
    *PROJECT.glob("manifests/*"),
    *PROJECT.glob("schemas/*"),
    *PROJECT.glob("lebots/cli/starter/*.yaml"),
    *PROJECT.glob("lebots/render/page/page.*"),
    *PROJECT.glob("tests/render/golden/*"),
    *PROJECT.glob("tests/scenarios/*/plan.txt"),
    *PROJECT.glob("tests/scenarios/*/apply.txt"),
    *PROJECT.glob("tests/scenarios/*/again.txt"),
    *(
        PROJECT / name
        for name in ("action.yml", "lebots.yaml", "Makefile", ".pre-commit-hooks.yaml")
    ),
]
ADDRESS = re.compile(r"\S*app-install/installations\S*")
"""A path of the vendor's API, in what an account answered."""


def headlines() -> Iterator[tuple[str, str]]:
    """The docstring of every module: what a reader of the code sees first."""
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield path.relative_to(PROJECT).as_posix(), ast.get_docstring(tree) or ""


def helps() -> Iterator[tuple[str, str]]:
    """The docstring of every function below ``cli/commands``: help for users."""
    for path in sorted((ROOT / "cli" / "commands").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield path.relative_to(PROJECT).as_posix(), ast.get_docstring(node) or ""


def read_by_people() -> Iterator[tuple[str, str]]:
    """Everything that users and newcomers read; the sandbox speaks as the vendor does."""
    for file in PAGES:
        if file.suffix != ".pyc":
            yield file.relative_to(PROJECT).as_posix(), file.read_text(encoding="utf-8")
    spoken = [(f"lebots/{module}", text) for module, text in texts("")]
    for place, text in (*spoken, *headlines(), *helps()):
        if not place.startswith("lebots/sandbox/"):
            yield place, text


def found_in(text: str) -> Iterator[tuple[str, str]]:
    """Each word that is not used, with the one that is."""
    line = " ".join(ADDRESS.sub("", text).split())
    for word, instead_of in NOT_USED.items():
        for hit in re.finditer(instead_of, line, re.IGNORECASE):
            yield hit.group(), word


def test_one_word_for_one_thing() -> None:
    wrong = [
        f'{place}: "{word}"; say {instead}'
        for place, text in read_by_people()
        for word, instead in found_in(RENAMED.sub("", text))
        if HONEST.get(place) != word.lower()
    ]
    assert not wrong, "\n".join(wrong)


def test_an_application_is_named_where_the_vendor_means_one() -> None:
    """Its login, its rights, and the screen where people install it; else it is a key."""
    word = re.compile(r"\bapplications?\b(?!/)")
    assert holding(word, *(p.name for p in ROOT.iterdir() if p.name != "sandbox")).keys() == {
        "account/auth.py",
        "core/vendor/credential_fields.py",
        "kinds/bot_user.py",
        "kinds/key.py",
    }


def test_every_exception_is_needed() -> None:
    met = {(place, word.lower()) for place, text in read_by_people() for word, _ in found_in(text)}
    assert set(HONEST.items()) <= met


def test_a_word_is_found_over_the_end_of_a_line() -> None:
    assert list(found_in("whose list may\n    lack some")) == [
        ("list may lack", "cannot be sure of the whole list")
    ]
