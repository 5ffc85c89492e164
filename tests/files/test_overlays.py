"""Overlays: what one account gets in place of what the manifests say, and where it came from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots import kinds
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.files import manifests
from lebots.files.overlays import overlaid
from lebots.files.yaml.reader import read
from lebots.files.yaml.writer import write
from tests.toys import law

KINDS = kinds.load()

BASE = """\
apiVersion: lebots/v1
kind: BotUser
metadata:
  name: faq-bot
spec:
  nickname: Ava
  skills: [faq, billing]
  maxAsyncChats: 25
---
apiVersion: lebots/v1
kind: Key
metadata:
  name: faq-bot
spec:
  type: oauth2
  webhooks:
    retry: {retention_time: 3600}
"""

Laid = Callable[..., tuple[list[Desired], list[Finding]]]


@pytest.fixture
def laid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laid:
    """The base with these overlays on top, each of them a file."""
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(BASE)

    def load(*overlays: str) -> tuple[list[Desired], list[Finding]]:
        files = [Path(f"overlay{number}.yaml") for number, _ in enumerate(overlays, 1)]
        for file, text in zip(files, overlays, strict=True):
            file.write_text(text)
        return manifests.load([Path("base.yaml")], KINDS, files)

    return load


def bot(spec: str, more: str = "") -> str:
    head = "apiVersion: lebots/v1\nkind: BotUser\nmetadata: {name: faq-bot}\n"
    return f"{head}{more}{f'spec: {spec}' if spec else ''}\n"


def specs(desired: list[Desired]) -> dict[str, Any]:
    return {str(one.address): dict(one.spec) for one in desired}


def test_fields_are_merged_one_by_one_and_lists_replaced(laid: Laid) -> None:
    desired, findings = laid(bot("{skills: [vip], enabled: false}"))
    assert findings == []
    assert specs(desired)["BotUser/faq-bot"] == {
        "nickname": "Ava",
        "skills": ["vip"],
        "maxAsyncChats": 25,
        "enabled": False,
    }
    assert specs(desired)["Key/faq-bot"]["type"] == "oauth2"


def test_every_value_keeps_the_place_it_came_from(laid: Laid) -> None:
    desired, _ = laid(bot("{skills: [vip], enabled: false}"))
    wanted = next(one for one in desired if one.address.kind == "BotUser")
    assert str(wanted.source) == "base.yaml:1:1"
    assert str(wanted.at("nickname")) == "base.yaml:6:13"
    assert str(wanted.at("skills", 0)) == "overlay1.yaml:4:17"
    assert str(wanted.at("enabled")) == "overlay1.yaml:4:32"


def test_later_overlays_lie_on_top(laid: Laid) -> None:
    desired, findings = laid(bot("{maxAsyncChats: 30}"), bot("{maxAsyncChats: 40}"))
    assert findings == []
    assert specs(desired)["BotUser/faq-bot"]["maxAsyncChats"] == 40


def test_objects_are_merged_on_every_level(laid: Laid) -> None:
    desired, findings = laid(
        "apiVersion: lebots/v1\nkind: Key\nmetadata: {name: faq-bot}\n"
        "spec: {webhooks: {ms.MessagingEventNotification.ContentEvent: "
        "{endpoint: https://hooks.example.com/}}}\n"
    )
    assert findings == []
    webhooks = specs(desired)["Key/faq-bot"]["webhooks"]
    assert sorted(webhooks) == ["ms.MessagingEventNotification.ContentEvent", "retry"]


def test_a_field_is_dropped(laid: Laid) -> None:
    desired, findings = laid(bot("{maxAsyncChats: {$patch: delete}}"))
    assert findings == []
    wanted = next(one for one in desired if one.address.kind == "BotUser")
    assert "maxAsyncChats" not in wanted.spec
    assert ("maxAsyncChats",) not in wanted.positions


def test_a_manifest_is_dropped(laid: Laid) -> None:
    desired, findings = laid(bot("", "$patch: delete\n"))
    assert findings == []
    assert list(specs(desired)) == ["Key/faq-bot"]


def test_a_document_of_its_own_is_for_this_account(laid: Laid) -> None:
    desired, findings = laid(
        "apiVersion: lebots/v1\nkind: Skill\nmetadata: {name: vip}\n"
        "spec: {description: only here}\n$new: true\n",
        "kind: Skill\nmetadata: {name: vip}\nspec: {description: changed}\n",
    )
    assert findings == []
    assert specs(desired)["Skill/vip"] == {"description": "changed"}


def test_what_no_manifest_declares_any_more_is_not_declared_by_its_overlay(laid: Laid) -> None:
    """A bot that was deleted from manifests/ stayed, by the part of it that an overlay changes."""
    whole = bot("{fullName: FAQ, profiles: [Agent]}")
    Path("base.yaml").write_text(BASE.split("---\n")[1])
    _, findings = laid(whole)
    assert [str(one) for one in findings] == [
        'overlay1.yaml:3:18: no manifest declares BotUser "faq-bot"; write its manifest, remove '
        'this document, or write "$new: true" beside kind, which declares it for this account alone'
    ]


@pytest.mark.parametrize(
    ("overlay", "expected"),
    [
        (
            bot("{maxAsyncChat: 3}"),
            'overlay1.yaml:4:8: there is no "maxAsyncChat"; did you mean "maxAsyncChats"?',
        ),
        (bot("{maxAsyncChats: -1}"), "overlay1.yaml:4:23: maxAsyncChats: -1 is not at least 0"),
        (bot("{maxAsyncChats: 012}"), "overlay1.yaml:4:23: "),
        (
            bot("{enabled: {$patch: delete}}"),
            'overlay1.yaml:4:8: the manifest has no field "enabled" to drop; remove it here',
        ),
        (
            bot("{nickname: {$patch: replace}}"),
            "overlay1.yaml:4:27: $patch: must be delete, which drops the value here",
        ),
        (
            bot("", "$patch: remove\n"),
            "overlay1.yaml:4:9: $patch: must be delete, which drops the value here",
        ),
        (
            bot("", "$patch: delete\n$new: true\n").replace("faq-bot", "other"),
            "overlay1.yaml:1:1: there is no such manifest to drop; remove this document",
        ),
        (
            bot("", "$patch: delete\n").replace("faq-bot", "other"),
            "overlay1.yaml:1:1: there is no such manifest to drop; remove this document",
        ),
        (
            bot("{nickname: {$patch: delete}}", "$new: true\n").replace("faq-bot", "other"),
            "overlay1.yaml:5:19: there is no manifest of this name, so $patch has nothing to",
        ),
        (
            bot("{nickname: Bo}").replace("faq-bot", "faq-bott"),
            'overlay1.yaml:3:18: no manifest declares BotUser "faq-bott"; did you mean "faq-bot"?',
        ),
        (
            bot("{nickname: Bo}", "$new: yes\n").replace("faq-bot", "other"),
            "overlay1.yaml:4:1: $new: must be true, which declares an object that has no manifest",
        ),
        (
            bot("{nickname: Bo}", "$new: true\n"),
            "overlay1.yaml:4:1: $new: there is such a manifest, at base.yaml:1:1; remove this line",
        ),
        ("kind: BotUser\n", "overlay1.yaml:1:1: "),
        ("[]\n", "overlay1.yaml:1:1: "),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(laid: Laid, overlay: str, expected: str) -> None:
    _, findings = laid(overlay)
    shown = [str(one) for one in findings]
    assert any(one.startswith(expected) for one in shown), shown


def test_a_mistake_of_the_base_that_an_overlay_replaces_is_gone(laid: Laid) -> None:
    Path("base.yaml").write_text(BASE.replace("maxAsyncChats: 25", "maxAsyncChats: -25"))
    _, findings = laid()
    assert [str(one.source) for one in findings] == ["base.yaml:8:18"]
    desired, findings = laid(bot("{maxAsyncChats: 3}"))
    assert findings == []
    assert specs(desired)["BotUser/faq-bot"]["maxAsyncChats"] == 3


def test_one_overlay_says_one_thing_of_an_object(laid: Laid) -> None:
    _, findings = laid(bot("{maxAsyncChats: 3}") + "---\n" + bot("{maxAsyncChats: 4}"))
    (finding,) = findings
    assert str(finding.source) == "overlay1.yaml:6:1"
    assert 'this overlay changes BotUser "faq-bot" at overlay1.yaml:1:1 too' in finding.message


def test_an_overlay_that_is_not_there_is_told(laid: Laid) -> None:
    laid()
    _, findings = manifests.load([Path("base.yaml")], KINDS, [Path("nowhere")])
    assert [str(one.source) for one in findings] == ["nowhere:1:1"]


# Laws

scalars = st.one_of(st.integers(0, 9), st.sampled_from(["a", "b"]), st.booleans())
values = st.recursive(
    scalars,
    lambda below: st.one_of(
        st.lists(below, max_size=2),
        st.dictionaries(st.sampled_from(["x", "y", "z"]), below, max_size=3),
    ),
    max_leaves=6,
)
documents = st.dictionaries(st.sampled_from(["spec", "more"]), values, max_size=2).map(
    lambda rest: {"kind": "Skill", "metadata": {"name": "faq"}, **rest}
)


def merged(below: Any, above: Any) -> Any:
    """The rule in three lines."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {
        **below,
        **{name: merged(below[name], v) if name in below else v for name, v in above.items()},
    }


@law
@given(documents, documents)
def test_every_place_of_a_merged_document_leads_to_its_value(below: Any, above: Any) -> None:
    files = {"base.yaml": below, "over.yaml": above}
    base, over = (read(write(value).encode(), file)[0] for file, value in files.items())
    ((document,), findings) = overlaid(base, [over])
    assert findings == []
    assert document.value == merged(below, above)
    for path, source in document.positions.items():
        found: Any = document.value
        for step in path:
            found = found[step]
        origin: Any = files[source.file]
        for step in path:
            origin = origin[step]
        if not isinstance(found, dict):
            assert origin == found, path


@law
@given(documents)
def test_an_overlay_of_the_same_text_changes_nothing(document: Any) -> None:
    base = read(write(document).encode(), "base.yaml")[0]
    ((found,), findings) = overlaid(base, [base])
    assert (found.value, findings) == (base[0].value, [])
