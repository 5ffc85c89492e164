"""Everything that draws a plan or how it ended, each ready to be called in the same way."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from lebots import kinds, render
from lebots.core.digest import plan_digest
from lebots.core.model import Desired, Outcome, Plan, Source
from lebots.core.receipt import Receipt, entries
from lebots.render import github, html, json, manifest, markdown, receipt, text
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
    "github.plan": lambda plan, ended: github.plan(plan),
    "html.plan": lambda plan, ended: html.plan(plan, KINDS, version=VERSION),
    "json.outcomes": lambda plan, ended: json.dumps(json.outcomes(ended, plan, converged=True)),
    "json.plan": lambda plan, ended: json.seal(json.plan(plan, version=VERSION), MADE),
    "manifest.manifest": _manifests,
    "markdown.outcomes": lambda plan, ended: markdown.outcomes(
        ended, plan, KINDS, version=VERSION, converged=False
    ),
    "markdown.plan": lambda plan, ended: markdown.plan(plan, KINDS, version=VERSION),
    "receipt.document": lambda plan, ended: json.dumps(receipt.document(_receipt(plan, ended))),
    "receipt.write": lambda plan, ended: receipt.write(_receipt(plan, ended)),
    "text.outcome": lambda plan, ended: "\n".join(text.outcome(e, 1, 9, KINDS) for e in ended),
    "text.outcomes": lambda plan, ended: text.outcomes(ended, KINDS, converged=False),
    "text.plan": lambda plan, ended: text.plan(plan, KINDS, version=VERSION),
    "text.summary": lambda plan, ended: text.summary(ended, converged=False),
    "text.verdict": lambda plan, ended: text.verdict(plan),
}
"""By module and function: what it makes of a plan and its outcomes."""


_HANDED = re.compile(r"\b(Desired|Outcome|Plan|Receipt)\b")


def drawing() -> Iterator[str]:
    """The functions of ``lebots.render`` that are handed what plans are made of, named as there.

    A new one that is not there fails a test, so that nobody forgets what must never be drawn.
    """
    for found in pkgutil.iter_modules(render.__path__):
        module = importlib.import_module(f"{render.__name__}.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                handed = inspect.signature(function).parameters.values()
                if any(_HANDED.search(repr(one.annotation)) for one in handed):
                    yield f"{found.name}.{name}"
