"""From paths to manifests: every wrong thing is told, at its place, all at once."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.model.address import Address, Source, canonical
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.kind import Endpoint, Field, Kind
from lebots.files.lookalikes import skeleton, suspicion, typo_forms
from lebots.files.manifests import load

TEXT = {"type": "string", "minLength": 1, "description": "Text."}
NAMES = {"type": "array", "items": TEXT, "uniqueItems": True, "description": "Names."}


def toy(name: str, *fields: Field, lookup_only: bool = False) -> Kind:
    endpoint = Endpoint(name.lower(), "toys", f"/{name.lower()}", "1.0")
    return Kind(name, name.lower(), f"A {name}.", (endpoint,), fields, lookup_only=lookup_only)


KINDS = {
    kind.name: kind
    for kind in (
        toy("Skill", Field("description", TEXT)),
        toy("Profile", lookup_only=True),
        toy(
            "BotUser",
            Field("nickname", TEXT),
            Field("skills", NAMES, "skillIds", ref="Skill"),
            Field("profiles", NAMES, "profileIds", ref="Profile"),
            Field("enabled", {"type": "boolean", "description": "On."}, "isEnabled"),
        ),
    )
}

Loaded = tuple[list[Desired], list[Finding]]


@pytest.fixture
def given_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Loaded]:
    monkeypatch.chdir(tmp_path)

    def write(**texts: str) -> Loaded:
        for name, text in texts.items():
            Path("m").mkdir(exist_ok=True)
            Path(f"m/{name}.yaml").write_text(text, encoding="utf-8")
        return load([Path("m")], KINDS)

    return write


def manifest(kind: str, name: str, *lines: str) -> str:
    head = f"---\napiVersion: lebots/v1\nkind: {kind}\nmetadata:\n  name: {name}\n"
    return head + "".join(f"{line}\n" for line in lines)


def told(findings: list[Finding]) -> list[str]:
    return [str(finding) for finding in findings]


def test_a_manifest_becomes_what_it_declares(given_files: Callable[..., Loaded]) -> None:
    loaded, findings = given_files(
        a=manifest("BotUser", "ava", "spec:", "  nickname: Ava", "  skills: [one, two]")
    )
    assert findings == []
    (ava,) = loaded
    assert ava.address == Address("BotUser", "ava")
    assert ava.spec == {"nickname": "Ava", "skills": ["one", "two"]}
    assert ava.source == Source("m/a.yaml", 2, 1)
    assert ava.at("skills", 1) == Source("m/a.yaml", 8, 17)
    assert ava.at("nickname") == Source("m/a.yaml", 7, 13)


def test_spec_may_be_left_out(given_files: Callable[..., Loaded]) -> None:
    (skill,), findings = given_files(a=manifest("Skill", "new"))
    assert findings == []
    assert skill.spec == {}


def test_manifests_come_in_the_order_of_files_and_documents(
    given_files: Callable[..., Loaded],
) -> None:
    loaded, _ = given_files(
        b=manifest("Skill", "three"), a=manifest("Skill", "one") + manifest("Skill", "two")
    )
    assert [one.address.name for one in loaded] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a]", "1:1: a manifest is a mapping with apiVersion, kind, metadata and spec"),
        ("text", "1:1: a manifest is a mapping with apiVersion, kind, metadata and spec"),
        (
            "apiVersion: lebots/v1\nmetadata: {name: x}",
            '1:1: the field "kind" is missing; write one of BotUser, Skill',
        ),
        (
            "apiVersion: lebots/v1\nkind: botuser\nmetadata: {name: x}",
            '2:7: there is no kind "botuser"; did you mean "BotUser"?',
        ),
        (
            "apiVersion: lebots/v1\nkind: Zebra\nmetadata: {name: x}",
            '2:7: there is no kind "Zebra"; write one of BotUser, Skill',
        ),
        (
            "apiVersion: lebots/v1\nkind: 'a secret'\nmetadata: {name: x}",
            "2:7: there is no such kind; write one of BotUser, Skill",
        ),
        (
            "apiVersion: lebots/v1\nkind: 3\nmetadata: {name: x}",
            "2:7: kind is a text; write one of BotUser, Skill",
        ),
        (
            "apiVersion: lebots/v1\nkind: Profile\nmetadata: {name: x}",
            "2:7: a profile is looked up by name, not managed; remove this document",
        ),
        (
            "apiVersion: lebots/v2\nkind: Skill\nmetadata: {name: x}",
            "1:13: apiVersion: must be lebots/v1",
        ),
        (
            "kind: Skill\nmetadata: {name: x}",
            '1:1: the field "apiVersion" is missing',
        ),
        (
            "apiVersion: lebots/v1\nkind: Skill\nmetadata: {}",
            '3:1: the field "name" is missing',
        ),
        (
            "apiVersion: lebots/v1\nkind: Skill\nmetadata: {name: x}\nspec: [a]",
            "4:7: spec: must be a mapping of fields: indented below, one field per line",
        ),
    ],
)
def test_what_is_no_manifest(given_files: Callable[..., Loaded], text: str, expected: str) -> None:
    loaded, findings = given_files(a=text)
    assert loaded == []
    assert told(findings) == [f"m/a.yaml:{expected}"]


def test_an_unknown_kind_does_not_hide_a_wrong_version(given_files: Callable[..., Loaded]) -> None:
    _, findings = given_files(a="apiVersion: v1\nkind: Pod\nmetadata: {name: x}")
    assert [finding.code for finding in findings] == ["not-one-of", "unknown-kind"]


def test_all_findings_of_all_files_come_by_place(given_files: Callable[..., Loaded]) -> None:
    loaded, findings = given_files(
        b=manifest("BotUser", "bob", "spec:", "  enabled: yes", "  nickname: 7", "  skilz: [x]"),
        a=manifest("BotUser", "ann", "spec:", "  skillIds: [3]", "  profiles: null")
        + "---\na: [\n"
        + manifest("Skill", "fine"),
    )
    assert [one.address.name for one in loaded] == ["fine"]
    assert told(findings) == [
        "m/a.yaml:7:3: skillIds is the vendor's word; write skills, with names in place of ids",
        "m/a.yaml:8:13: profiles: null is not allowed here: leave the field out to keep the live "
        "value",
        "m/a.yaml:11:1: a value is expected here",
        'm/b.yaml:7:12: write true, or quote it: "yes"',
        'm/b.yaml:8:13: nickname: must be text: quote it: "7"',
        'm/b.yaml:9:3: there is no "skilz"; did you mean "skills"?',
    ]


def test_a_refused_value_is_told_once(given_files: Callable[..., Loaded]) -> None:
    for value in ("on", "!!bool true", "*x", "010", "'\\x'", "~"):
        _, findings = given_files(a=manifest("BotUser", "a", "spec:", f"  enabled: {value}"))
        assert len(findings) == 1, value


def test_a_file_without_documents_is_an_accident(given_files: Callable[..., Loaded]) -> None:
    assert told(given_files(a="# nothing\n", b="---\n")[1]) == [
        "m/a.yaml, m/b.yaml hold no manifest; write one, or name other files"
    ]


def test_an_empty_file_beside_others_is_fine(given_files: Callable[..., Loaded]) -> None:
    loaded, findings = given_files(a="", b=manifest("Skill", "x"))
    assert (len(loaded), findings) == (1, [])


# Names

SAME = [
    ("routing", "routing"),
    ("Routing", "routing"),
    ("routing ", "routing"),
    ("\uff32\uff2f\uff35\uff34ing", "routing"),
    ("straße", "STRASSE"),
    ("é", "e\u0301"),
    ("ﬁrst", "first"),
    ("a\u00a0b", "a b"),
    ("K", "\u212a"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_count_as_the_same_are_refused_with_both_places(
    given_files: Callable[..., Loaded], one: str, other: str
) -> None:
    _, findings = given_files(a=manifest("Skill", f"'{one}'"), b=manifest("Skill", f"'{other}'"))
    (same,) = [finding for finding in findings if finding.code == "same-name"]
    assert same.source == Source("m/b.yaml", 5, 9)
    assert "m/a.yaml:5:9" in same.message
    assert same.severity is Severity.ERROR


@given(st.text(min_size=1, max_size=8))
def test_canonical_forms_are_stable(name: str) -> None:
    assert canonical(f" {name} ") == canonical(name)
    assert canonical(name.casefold()) == canonical(name.casefold().casefold())


def test_the_same_name_in_two_kinds_is_fine(given_files: Callable[..., Loaded]) -> None:
    assert given_files(a=manifest("Skill", "x") + manifest("BotUser", "x"))[1] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("' x'", "without blanks around it"),
        ("'x '", "without blanks around it"),
        ('"x\\n"', "without blanks around it"),
        ('"a\\tb"', "without blanks around it"),
        ("''", "must not be empty"),
        ("e\u0301", "composed form"),
        ("42", 'quote it: "42"'),
        ("null", "null is not allowed here"),
        (f"'{'x' * 256}'", "at most 255 characters"),
    ],
)
def test_names_that_are_refused(given_files: Callable[..., Loaded], name: str, words: str) -> None:
    loaded, findings = given_files(a=manifest("Skill", name))
    assert loaded == []
    assert words in told(findings)[0]
    assert findings[0].source == Source("m/a.yaml", 5, 9)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("p\u0430ypal", "Cyrillic and Latin"),
        ("\u0391lpha", "Greek and Latin"),
        ("rout\u200bing", "U+200B"),
        ("rout\u00ading", "U+00AD"),
        ("routing", ""),
        ("\u041f\u043e\u0434\u0434\u0435\u0440\u0436\u043a\u0430 Bot", ""),
        ("\u4e2d\u6587bot", ""),
        ("Zoë-straße", ""),
    ],
)
def test_names_that_mislead(name: str, words: str) -> None:
    assert words in suspicion(name)
    assert bool(suspicion(name)) is bool(words)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cop", "\u0441\u043e\u0440"),
        ("BOT", "\u0412\u041e\u0422"),
        ("KOMA", "\u039a\u039f\u039c\u0391"),
        ("rou\u200dting", "routing"),
    ],
)
def test_names_of_the_same_look_are_warned_about(
    given_files: Callable[..., Loaded], one: str, other: str
) -> None:
    loaded, findings = given_files(a=manifest("Skill", one), b=manifest("Skill", other))
    assert len(loaded) == 2
    assert skeleton(one) == skeleton(other)
    assert {finding.severity for finding in findings} == {Severity.WARNING}
    assert any("looks like the one at m/a.yaml:5:9" in one for one in told(findings))


# References


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("routng", "routing"),
        ("routting", "routing"),
        ("ruoting", "routing"),
        ("Routing", "routing"),
        ("routinq", "routing"),
        ("routing", ""),
        ("billing", ""),
        ("agent-2", ""),
        ("abd", ""),
    ],
)
def test_a_reference_that_is_nearly_a_declared_name_is_warned_about(
    given_files: Callable[..., Loaded], name: str, close: str
) -> None:
    skills = "".join(manifest("Skill", declared) for declared in ("routing", "agent-1", "abc"))
    loaded, findings = given_files(
        a=skills, b=manifest("BotUser", "x", "spec:", f"  skills: [{name}]")
    )
    assert len(loaded) == 4
    expected = (
        f'm/b.yaml:7:12: warning: no manifest declares Skill "{name}", so it must exist in the '
        f'account; did you mean "{close}"?'
    )
    assert told(findings) == ([expected] if close else [])


def test_names_of_looked_up_kinds_are_left_alone(given_files: Callable[..., Loaded]) -> None:
    text = manifest("BotUser", "x", "spec:", "  profiles: [agent]") + manifest("Skill", "agents")
    assert given_files(a=text)[1] == []


@given(st.text("ab", min_size=4, max_size=8), st.integers(0, 7), st.sampled_from("abc"))
def test_one_slip_is_always_near(name: str, at: int, char: str) -> None:
    for slip in (name[:at] + char + name[at:], name[:at] + char + name[at + 1 :]):
        if len(slip) >= 4:
            assert typo_forms(name) & typo_forms(slip)


# Cost


def test_a_thousand_bots_load_in_a_moment(given_files: Callable[..., Loaded]) -> None:
    lines = ("spec:", "  nickname: Ava", "  skills: [s]", "  profiles: [Agent]", "  enabled: true")
    text = "".join(manifest("BotUser", f"bot-{number}", *lines) for number in range(1000))
    start = process_time()
    loaded, findings = given_files(a=text)
    assert process_time() - start < 2
    assert (len(loaded), findings) == (1000, [])


def test_importing_the_package_costs_neither_yaml_nor_jsonschema() -> None:
    program = (
        "import sys, lebots.files, lebots.core.manifest.schema; "
        "import lebots.core.manifest.schema_errors; "
        "print(sorted({'yaml', 'jsonschema', 'referencing'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_a_wrong_name_with_a_wrong_value_is_told_of_both(
    given_files: Callable[..., Loaded],
) -> None:
    _, findings = given_files(a=manifest("BotUser", "ava", "spec:", "  nicknam: no"))
    assert [finding.code for finding in findings if finding.code == "unknown-field"]
    assert len(findings) == 2
