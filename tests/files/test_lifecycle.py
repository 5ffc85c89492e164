"""What stands under metadata beside the name: former names, fields left to people, protection."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lebots.core.model.address import Source
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.kind import Endpoint, Field, Kind
from lebots.files.manifests import load
from lebots.next_steps import worded
from tests.toys import TEXT

FIXED = "its name is what it logs in with; make another one"
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "Skill",
            "skill",
            "A skill.",
            (Endpoint("skills", "s", "/skills", "1"),),
            (Field("description", TEXT), Field("order", TEXT, "skillOrder")),
        ),
        Kind(
            "Key",
            "key",
            "A key.",
            (
                Endpoint("new", "s", "/new", "1", variant="new"),
                Endpoint("old", "s", "/old", "1", variant="old", fixed_name="it is read-only"),
            ),
            (
                Field("type", {"enum": ["new", "old"], **TEXT}, create_only=True, client_only=True),
                Field("sink", TEXT, client_only=True),
                Field("serial", TEXT, create_only=True),
                Field("colour", TEXT),
            ),
            variant_field="type",
        ),
        Kind(
            "BotUser",
            "bot",
            "A bot.",
            (Endpoint("users", "s", "/users", "1", fixed_name=FIXED),),
            (Field("nickname", TEXT),),
        ),
    )
}

Loaded = tuple[list[Desired], list[Finding]]


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Loaded]:
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> Loaded:
        Path("m.yaml").write_text(text, encoding="utf-8")
        return load([Path("m.yaml")], KINDS)

    return write


def document(kind: str, *metadata: str, spec: str = "{}") -> str:
    head = f"apiVersion: lebots/v1\nkind: {kind}\nspec: {spec}\nmetadata:\n"
    return head + "".join(f"  {line}\n" for line in metadata)


def documents(*parts: str) -> str:
    return "---\n".join(parts)


def told(findings: list[Finding]) -> list[str]:
    return [str(worded(finding)).removeprefix("m.yaml:") for finding in findings]


def test_it_is_read(given: Callable[[str], Loaded]) -> None:
    text = document(
        "Skill",
        "name: new",
        "previously: [old, older]",
        "ignore: [description]",
        "protect: true",
        spec="{description: x}",
    )
    (one,), findings = given(text)
    assert findings == []
    assert one.previously == ("old", "older")
    assert one.ignore == {"description"}
    assert one.protect
    assert one.at_metadata("previously", 1) == Source("m.yaml", 6, 21)
    assert one.at_metadata("protect") == Source("m.yaml", 8, 12)
    assert one.at("description") == Source("m.yaml", 3, 21)


def test_it_may_be_left_out(given: Callable[[str], Loaded]) -> None:
    (one,), findings = given(document("Skill", "name: new"))
    assert findings == []
    assert (one.previously, one.ignore, one.protect) == ((), frozenset(), False)
    assert one.at_metadata("protect") == one.source


def test_a_name_may_differ_from_the_former_one_in_its_spelling_alone(
    given: Callable[[str], Loaded],
) -> None:
    (one,), findings = given(document("Skill", "name: bot", "previously: [Bot]"))
    assert (one.previously, findings) == (("Bot",), [])


def test_a_former_name_may_be_one_that_no_manifest_could_have(
    given: Callable[[str], Loaded],
) -> None:
    (one,), findings = given(document("Skill", "name: café", 'previously: [" old ", "cafe\u0301"]'))
    assert (one.previously, findings) == ((" old ", "cafe\u0301"), [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            document("Skill", "name: new", "previously: old"),
            ["6:15: previously: must be a list: put it in brackets, as in [one, two]"],
            id="no list",
        ),
        pytest.param(
            document("Skill", "name: new", "previously: [3]"),
            ['6:16: previously: must be text: quote it: "3"'],
            id="no text",
        ),
        pytest.param(
            document("Skill", "name: new", "previously: [old, new]"),
            ["6:21: previously: this is the name it has now; remove it"],
            id="the present name",
        ),
        pytest.param(
            document("Skill", "name: new", "previously: [old, old]"),
            ["6:21: previously: stands in the list twice"],
            id="twice",
        ),
        pytest.param(
            document("Skill", "name: new", "previously: [old, OLD]"),
            [
                "6:21: previously: this counts as the same name as one before it in the list; keep "
                "one of them"
            ],
            id="twice in another spelling",
        ),
        pytest.param(
            documents(
                document("Skill", "name: a", "previously: [old]"),
                document("Skill", "name: b", "previously: [Old]"),
            ),
            [
                '13:16: previously: skill "a" claims this name too, at m.yaml:6:15; an object can '
                "become only one of them"
            ],
            id="claimed twice",
        ),
        pytest.param(
            documents(
                document("Skill", "name: new", "previously: [old]"), document("Skill", "name: Old")
            ),
            [
                '6:16: previously: skill "Old" is declared too, at m.yaml:12:9, and one plan '
                "cannot free a name and give it away again; apply the rename first and add that "
                "manifest afterwards, or remove the name here if the rename is done"
            ],
            id="given away anew",
        ),
        pytest.param(
            documents(
                document("Skill", "name: a", "previously: [b]"),
                document("Skill", "name: b", "previously: [a]"),
            ),
            [
                '6:16: previously: this and skill "b" at m.yaml:12:9 swap their names, which no '
                "single plan can do: both names are taken at every moment; give one of them a "
                "third name, apply, and go on from there",
                '13:16: previously: this and skill "a" at m.yaml:5:9 swap their names, which no '
                "single plan can do: both names are taken at every moment; give one of them a "
                "third name, apply, and go on from there",
            ],
            id="swapped",
        ),
        pytest.param(
            documents(
                document("Skill", "name: c", "previously: [b]"),
                document("Skill", "name: b", "previously: [a]"),
            ),
            [
                '6:16: previously: skill "b" at m.yaml:12:9 has been renamed to this name, and one '
                'plan cannot free a name and give it away again; rename "c" first, apply, and then '
                '"b"'
            ],
            id="a chain",
        ),
        pytest.param(
            document("BotUser", "name: new", "previously: [old]"),
            [f"6:3: previously: {FIXED}"],
            id="a kind that keeps its names",
        ),
        pytest.param(
            document("Key", "name: new", "previously: [old]", spec="{type: old}"),
            ["6:15: previously: it is read-only"],
            id="a variant that keeps its names",
        ),
        pytest.param(
            document("BotUser", "name: new", "previous: [old]"),
            ['6:3: there is no "previous"; there are name, ignore, protect'],
            id="an unknown word",
        ),
        pytest.param(
            document("Skill", "name: new", "protect: please"),
            ["6:12: protect: must be true or false, without quotes"],
            id="protect is a switch",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_place(
    given: Callable[[str], Loaded], text: str, expected: list[str]
) -> None:
    assert told(given(text)[1]) == expected


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([document("Key", "name: old", spec="{type: new}")], id="declared"),
        pytest.param(
            [document("Key", "name: x", "previously: [old]", spec="{type: new}")], id="claimed"
        ),
    ],
)
def test_names_of_another_kind_are_other_names(
    given: Callable[[str], Loaded], others: list[str]
) -> None:
    text = documents(document("Skill", "name: new", "previously: [old]"), *others)
    assert told(given(text)[1]) == []


@pytest.mark.parametrize(
    ("kind", "name", "spec", "expected"),
    [
        (
            "Skill",
            "describtion",
            "{description: x}",
            '6:12: ignore: there is no such field of a skill; did you mean "description"?',
        ),
        (
            "Skill",
            "zzz",
            "{}",
            "6:12: ignore: there is no such field of a skill; see `lebots explain Skill`",
        ),
        (
            "Skill",
            "skillOrder",
            "{order: x}",
            "6:12: ignore: skillOrder is the vendor's word; write order",
        ),
        (
            "Key",
            "sink",
            "{type: new, sink: x}",
            '6:12: ignore: "sink" is a word of lebots that the account does not hold; remove it',
        ),
        (
            "Key",
            "serial",
            "{type: new, serial: x}",
            '6:12: ignore: "serial" cannot change once the key is created; remove it',
        ),
    ],
)
def test_a_field_that_cannot_be_ignored(
    given: Callable[[str], Loaded], kind: str, name: str, spec: str, expected: str
) -> None:
    found = given(document(kind, "name: new", f"ignore: [{name}]", spec=spec))[1]
    assert told(found) == [expected]


def test_a_field_that_is_left_alone_anyway_is_a_warning(given: Callable[[str], Loaded]) -> None:
    text = document("Skill", "name: new", "ignore: [order, description]", spec="{order: x}")
    (one,), (finding,) = given(text)
    assert finding.severity is Severity.WARNING
    assert finding.source == Source("m.yaml", 6, 11)
    assert finding.message == (
        "ignore: spec does not set description, so lebots does not manage it anyway; remove "
        "it here, or set the value for new objects"
    )
    assert one.ignore == {"order", "description"}
