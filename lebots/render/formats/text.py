"""Plain text for terminals and logs."""

from collections.abc import Sequence

from lebots.core.model.finding import Finding
from lebots.render.renderer import Drawn, Renderer, RenderSettings


def plan(drawn: Drawn, setting: RenderSettings) -> str:
    """The whole plan."""
    from lebots.render.plain import plan as text

    return text.plan(
        drawn.plan,
        drawn.kinds,
        version=setting.version,
        places=drawn.places,
        proposal=drawn.proposal_here,
        width=setting.width,
    )


def findings(found: Sequence[Finding], setting: RenderSettings) -> str:
    """A line for each finding."""
    from lebots.render.plain import plan as text

    return text.findings(found)


FORMAT = Renderer(plan, findings)
