"""Workflow commands for the lines of manifests, before the plain text."""

from collections.abc import Sequence

from lebots.core.model.finding import Finding
from lebots.render.renderer import Drawn, Renderer, Setting


def _plan(drawn: Drawn, setting: Setting) -> str:
    from lebots.render.annotations import github
    from lebots.render.formats import text

    return "\n".join(part for part in (github.plan(drawn.plan), text.plan(drawn, setting)) if part)


def _findings(found: Sequence[Finding], setting: Setting) -> str:
    from lebots.render.annotations import github

    return github.findings(found)


FORMAT = Renderer(_plan, _findings)
