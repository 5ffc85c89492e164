"""Workflow commands for the lines of manifests, before the plain text."""

from collections.abc import Sequence

from lebots.core.model.finding import Finding
from lebots.render.renderer import Drawn, Renderer, RenderSettings


def _plan(drawn: Drawn, setting: RenderSettings) -> str:
    from lebots.render.annotations import github
    from lebots.render.formats import text

    marked = github.plan(drawn.plan, drawn.kinds, setting.folder())
    return "\n".join(part for part in (marked, text.plan(drawn, setting)) if part)


def _findings(found: Sequence[Finding], setting: RenderSettings) -> str:
    from lebots.render.annotations import github

    return github.findings(found, setting.folder())


FORMAT = Renderer(_plan, _findings)
