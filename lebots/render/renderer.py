"""The contract of an output format, and the values that it gets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from lebots.core.model.address import Address
from lebots.core.model.finding import Finding
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Plan


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """What stands around everything that is drawn."""

    version: str
    commit: Callable[[], str]
    """Tells the commit that was planned, shortened; empty where there is none."""
    budget: str
    """The host whose limit a comment keeps to."""
    folder: Callable[[], str] = str
    """Tells the working folder below the top of its repository; empty where that is the top."""
    account: str = ""
    """The account that was named; empty where none was."""
    width: int = 92
    """Columns of plain text."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plan with all that drawing it needs."""

    plan: Plan
    kinds: Mapping[str, Kind]
    places: Mapping[Address, str]
    proposal: str
    """The command that applies the plan, with ``{digest}`` in it."""
    proposal_here: str
    """The same where the plan was saved; comments and pages are read on other machines."""
    document: Callable[[], dict[str, Any]]
    """Makes the plan's JSON."""
    base: str = ""
    """The base it was compared with, and its commit: ``origin/main 706e56d``."""


DrawPlan: TypeAlias = Callable[[Drawn, RenderSettings], str]
DrawFindings: TypeAlias = Callable[[Sequence[Finding], RenderSettings], str]


@dataclass(frozen=True, slots=True)
class Renderer:
    """How a plan or findings are printed; None: the option does not offer it there.

    Its functions import what they draw with, so that naming the formats costs nothing.
    """

    plan: DrawPlan | None = None
    findings: DrawFindings | None = None
