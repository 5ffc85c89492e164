"""Everything that draws a plan or how it ended, each ready to be called in the same way."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from lebots import documents, kinds, render
from lebots.core.compare.digest import plan_digest
from lebots.core.history.receipt import Receipt, entries
from lebots.core.model.address import Source
from lebots.core.model.change import Outcome
from lebots.core.model.desired import Desired
from lebots.core.model.plan import Plan, ProposedChange
from lebots.documents import outcome, receipt
from lebots.documents import plan as json
from lebots.documents.saved_plan import seal
from lebots.documents.text import dumps
from lebots.render.annotations import github
from lebots.render.beside.proposed import all_of
from lebots.render.comment import markdown
from lebots.render.page import page as html
from lebots.render.plain import manifest
from lebots.render.plain import plan as text
from tests.render.examples import MADE

KINDS = kinds.load()
VERSION = "1.2.3"
NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
HERE = Source("manifests/robot.yaml", 3, 5)

Draws = Callable[[Plan, Sequence[Outcome]], str]


def _manifests(plan: Plan, ended: Sequence[Outcome]) -> str:
    wanted = [Desired(change.address, change.desired, HERE) for change in plan.writes]
    return "\n".join(manifest.manifest(one, KINDS[one.address.kind]) for one in wanted)


def _receipt(plan: Plan, ended: Sequence[Outcome]) -> Receipt:
    by_change = entries(plan, ended, cut=False)
    return Receipt(VERSION, plan.account, plan_digest(plan), NOON, NOON, entries=by_change)


DRAWN: Mapping[str, Draws] = {
    "annotations.github.plan": lambda plan, ended: github.plan(plan, KINDS),
    "page.page.plan": lambda plan, ended: html.plan(plan, KINDS, version=VERSION),
    "documents.outcome.outcomes": lambda plan, ended: dumps(
        outcome.outcomes(ended, plan, converged=True)
    ),
    "documents.plan.plan": lambda plan, ended: seal(json.plan(plan, version=VERSION), MADE),
    "plain.manifest.manifest": _manifests,
    "comment.markdown.outcomes": lambda plan, ended: markdown.outcomes(
        ended, plan, KINDS, markdown.Frame(VERSION), converged=False
    ),
    "comment.markdown.plan": lambda plan, ended: markdown.plan(
        plan, KINDS, markdown.Frame(VERSION)
    ),
    "documents.receipt.document": lambda plan, ended: dumps(
        receipt.document(_receipt(plan, ended))
    ),
    "documents.receipt.write": lambda plan, ended: receipt.write(_receipt(plan, ended)),
    "plain.plan.outcome": lambda plan, ended: "\n".join(
        text.outcome(e, 1, 9, KINDS) for e in ended
    ),
    "plain.plan.next_step": lambda plan, ended: text.next_step(ended),
    "plain.plan.outcomes": lambda plan, ended: text.outcomes(ended, KINDS, converged=False),
    "plain.plan.plan": lambda plan, ended: text.plan(plan, KINDS, version=VERSION),
    "plain.plan.summary": lambda plan, ended: text.summary(ended, converged=False),
    "plain.plan.verdict": lambda plan, ended: text.verdict(plan),
    "beside.proposed.all_of": lambda plan, ended: all_of(
        plan, ProposedChange("0" * 64, "", plan.writes)
    ),
}
"""By module and function: what it makes of a plan and its outcomes."""


_HANDED = re.compile(r"\b(Desired|Outcome|Plan|Receipt)\b")


def drawing() -> Iterator[str]:
    """The functions that are handed what plans are made of, named by module and name.

    A new one that is not there fails a test, so that nobody forgets what must never be drawn.
    """
    for package in (render, documents):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            place = found.name.removeprefix("lebots.").removeprefix("render.")
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_"):
                    handed = inspect.signature(function).parameters.values()
                    if any(_HANDED.search(repr(one.annotation)) for one in handed):
                        yield f"{place}.{name}"
