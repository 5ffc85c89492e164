"""Import writes down what is there: a plan of it is empty, and elsewhere it makes the same again.

Each law holds for random accounts (300 at night), with all of an object's fields or only those that
say something, and in either layout.
"""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lebots.core.importer.select import Imported
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Status
from lebots.core.model.desired import Desired
from lebots.core.model.options import AccountPolicy
from lebots.core.planner import is_blocking
from lebots.run.inputs.session import Watcher
from tests.importing.accounts import CANARY, DECLARED, World, odd, read_back, sound
from tests.night import examples
from tests.sandbox.support import Account
from tests.toys import law

randoms = st.randoms(use_true_random=False)
many = settings(law, max_examples=examples(300))


def declared(imported: Imported) -> set[Address]:
    return {document.address for document in imported.documents}


@many
@given(randoms, st.booleans(), st.booleans())
def test_a_plan_right_after_an_import_is_empty(random: Random, full: bool, flat: bool) -> None:
    world = odd(random)
    try:
        imported = world.imported(full=full)
        desired, findings, text = read_back(imported, flat=flat)
        assert not is_blocking(findings)
        assert {one.address: one.spec for one in desired} == {
            one.address: one.spec for one in imported.documents
        }
        assert CANARY not in text
        assert CANARY not in "".join(map(str, imported.findings))
        with world.session() as session:
            planned, (account, _) = session.plan(desired)
        assert not is_blocking(planned.findings)
        assert planned.writes == ()
        assert {c.address for c in planned.changes if c.action is Action.UNCHANGED} == declared(
            imported
        )
        told = declared(imported) | {finding.address for finding in imported.findings}
        for live in account.objects:
            if live.address.kind in DECLARED and not (
                live.deleted or live.unmanaged_reason or live.built_in or live.untouched
            ):
                assert live.address in told
    finally:
        world.close()


@many
@given(randoms, st.booleans(), st.booleans())
def test_an_import_applied_to_an_empty_account_and_imported_there_is_the_same(
    random: Random, full: bool, flat: bool
) -> None:
    here, there = sound(random), World(Account(random=Random(2)))
    try:
        imported = here.imported(full=full)
        desired, findings, _ = read_back(imported, flat=flat)
        assert not is_blocking(findings)
        wanted = [_delivered(one) for one in desired]
        with there.session() as session:
            session.allowed = AccountPolicy(allowed_grants=("BotUser/*",))
            planned, reading = session.plan(wanted)
            assert not is_blocking(planned.findings), planned.findings
            outcomes = session.apply(planned, reading, {}, Watcher(lambda one: None, lambda: False))
            assert [one.error for one in outcomes if one.status is not Status.DONE] == []
        again = there.imported(full=full)
        seeded = declared(again) - declared(imported)
        assert {a: spec for a, spec in _specs(again).items() if a not in seeded} == _specs(imported)
    finally:
        here.close()
        there.close()


def _delivered(wanted: Desired) -> Desired:
    """A key whose secret is kept elsewhere, as somebody edits it for an account without it."""
    spec = {name: value for name, value in wanted.spec.items() if name != "sink"}
    return Desired(wanted.address, spec, wanted.source, wanted.positions)


def _specs(imported: Imported) -> dict[Address, Any]:
    return {
        one.address: {name: value for name, value in one.spec.items() if name != "sink"}
        for one in imported.documents
    }
