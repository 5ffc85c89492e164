"""A comment for a pull request."""

from collections.abc import Sequence

from lebots.core.model.finding import Finding
from lebots.render.renderer import Drawn, Renderer, RenderSettings


def _plan(drawn: Drawn, setting: RenderSettings) -> str:
    from lebots.render.comment import markdown

    budget = markdown.BUDGETS[setting.budget]
    frame = markdown.Frame(setting.version, setting.commit(), budget, drawn.base)
    return markdown.plan(
        drawn.plan, drawn.kinds, frame, places=drawn.places, proposal=drawn.proposal
    )


def _findings(found: Sequence[Finding], setting: RenderSettings) -> str:
    from lebots.render.comment import markdown

    frame = markdown.Frame(setting.version, setting.commit(), markdown.BUDGETS[setting.budget])
    return markdown.findings(found, frame)


FORMAT = Renderer(_plan, _findings)
