"""Texts an attacker would choose, plans made of them, and the runner's rules for commands."""

import re

from hypothesis import settings
from hypothesis import strategies as st

from lebots.core.model.address import Address, Source
from lebots.core.model.change import (
    Action,
    Change,
    ChangeEffect,
    Dependant,
    Effect,
    FieldChange,
    Outcome,
    Status,
    Undeclared,
)
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Calls, Plan
from lebots.render.beside.origins import ORIGINS
from tests.night import examples

law = settings(derandomize=True, database=None, deadline=None)
law_of_plans = settings(law, max_examples=examples(40))  # a plan takes long to make up

FRAGMENTS = [
    *("::", "::error::x", "::set-output name=a::b", "##[", "##[error]x", "##vso[task.x]", "#", "["),
    *("\n", "\r", "\r\n", "\t", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\0", "\x7f"),
    *("\x1b[31m", "\x1b]8;;x\x07", "\x9b2J", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff"),
    *("\xa0", "\u3000", "\xad", "\u034f", "\u115f", "\u3164", "\ufe0f", "\U000e0041", "\U000e0100"),
    *("\ud800", "\udfff", "\ue000", "\U0010ffff", "\u2800", "`", "```", '"', "\\", "\\u200b", " "),
    *("a", "漢", "🤖", "a b", "word " * 30, "x" * 80),
]
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=5).map("".join)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
numbers = st.integers(1, 9999)
sources = st.none() | st.builds(Source, texts, numbers, numbers)
addresses = st.builds(Address, st.sampled_from(["Skill", "BotUser"]) | texts, texts)
origins = st.none() | st.sampled_from(list(ORIGINS))
fields = st.builds(
    FieldChange,
    st.sampled_from(["skills", "key"]) | texts,
    values,
    values,
    sources,
    texts,
    st.booleans(),
    origin=origins,
)
effects = st.builds(
    ChangeEffect,
    st.sampled_from(list(Effect)),
    texts,
    st.sampled_from(["", "skills", "key"]) | texts,
    st.lists(addresses, max_size=2).map(tuple),
)
dependants = st.builds(Dependant, addresses, st.booleans(), texts)
changes = st.builds(
    Change,
    addresses,
    st.sampled_from(list(Action)),
    texts,
    st.none() | texts,
    sources,
    st.lists(fields, max_size=4).map(tuple),
    depends_on=st.lists(addresses, max_size=2).map(tuple),
    references=st.dictionaries(addresses, st.none() | texts, max_size=2),
    sink=texts,
    note=texts,
    was=texts,
    secret_from=texts,
    used_by=st.lists(dependants, max_size=2).map(tuple),
    effects=st.lists(effects, max_size=2).map(tuple),
    origin=origins,
)
findings = st.builds(
    Finding, texts, texts, st.sampled_from(list(Severity)), sources, st.none() | addresses
)
advice = findings.filter(lambda f: f.severity in (Severity.WARNING, Severity.NOTE))
undeclared = st.builds(
    Undeclared,
    addresses,
    st.dictionaries(texts, values, max_size=2),
    base_source=sources,
)
plans = st.builds(
    Plan,
    texts,
    st.lists(changes, max_size=4).map(tuple),
    st.lists(advice, max_size=2).map(tuple),
    st.integers(0, 99),
    st.builds(Calls, st.integers(0, 99), st.integers(0, 99)),
    undeclared=st.lists(undeclared, max_size=2).map(tuple),
)
outcomes = st.builds(Outcome, changes, st.sampled_from(list(Status)), st.none() | texts, texts)


def is_command(line: str) -> bool:
    """Whether a CI runner could obey a line; stricter than any of them."""
    return line.strip().startswith("::") or re.search(r"##\w*\[", line) is not None


def assert_harmless(text: str) -> None:
    """Nothing invisible but the line breaks of lebots itself, and no command on any line."""
    lines = text.split("\n")
    assert (text.splitlines() or [""]) == lines
    for line in lines:
        assert line.isprintable()
        assert not is_command(line)
