"""What a run is asked for is declared once; documents, commands and approvals follow."""

from typing import Any, get_type_hints

import pytest

from lebots.cli.terminal.plan_options import FLAGS, said
from lebots.core.model.address import Address
from lebots.core.model.effect import Effect
from lebots.core.model.options import NO_OPTIONS, EffectCount, PlanOptions
from lebots.documents.plan_options import OPTIONS, read
from tests.cli.commands import commands
from tests.cli.conftest import Project

KEY, SKILL = Address("Key", "a b"), Address("Skill", "c")
OF_TYPE: dict[Any, Any] = {
    tuple[Address, ...]: (KEY, SKILL),
    tuple[EffectCount, ...]: (EffectCount(Effect.GRANTS, 1), EffectCount(Effect.REROUTES, 2)),
    bool: True,
    int | None: 0,
}
BESIDE = {"confirmed": {"prune": True}}
"""What an option needs beside it."""


def asked(option: str) -> PlanOptions:
    value = OF_TYPE[get_type_hints(PlanOptions)[option]]
    return PlanOptions(**{option: value, **BESIDE.get(option, {})})


def test_every_option_has_a_flag_and_a_part_of_the_document() -> None:
    told = {name for name, part in PlanOptions.__dataclass_fields__.items() if part.metadata}
    assert set(FLAGS) == told
    assert len(OPTIONS.parts) == len(told)


@pytest.mark.parametrize("option", FLAGS)
def test_what_is_asked_for_survives_a_saved_plan(option: str) -> None:
    options = asked(option)
    assert options != NO_OPTIONS
    assert read(OPTIONS.written(options)) == options
    assert set(OPTIONS.shape["required"]) == OPTIONS.written(options).keys()


def test_what_is_asked_for_is_said_again() -> None:
    options = PlanOptions(recreate=(KEY,), prune=True, confirmed=0, allow_empty=True)
    assert said(options) == [
        "--recreate=Key/a b",
        "--prune",
        "--confirm-deletes=0",
        "--allow-empty",
    ]
    assert said(PlanOptions((KEY, SKILL))) == ["--target=Key/a b", "--target=Skill/c"]
    assert said(NO_OPTIONS) == []


@pytest.mark.parametrize("name", ["plan", "apply"])
def test_both_commands_take_every_flag(name: str) -> None:
    taken = {flag for one in dict(commands())[name].params for flag in one.opts}
    assert taken >= {flag.name for flag in FLAGS.values()}


@pytest.mark.parametrize("words", [*(said(asked(one)) for one in FLAGS), ["--expect=0"]])
def test_a_saved_plan_brings_its_own_options(lebots: Project, words: list[str]) -> None:
    assert lebots("plan", "--out", "plan.json").code == 0
    ran = lebots("apply", "plan.json", *words)
    assert (ran.code, ran.out) == (2, "")
    assert f"it was made with; leave {', '.join(words).removesuffix('=0')}" in ran.err
    assert lebots.writes == []
