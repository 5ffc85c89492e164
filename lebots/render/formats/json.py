"""JSON for machines."""

from collections.abc import Sequence

from lebots.core.model.finding import Finding
from lebots.render.renderer import Drawn, Renderer, RenderSettings


def _plan(drawn: Drawn, setting: RenderSettings) -> str:
    from lebots.documents.text import dumps

    return dumps(drawn.document())


def _findings(found: Sequence[Finding], setting: RenderSettings) -> str:
    from lebots.documents.reports.findings import findings
    from lebots.documents.text import dumps

    return dumps(findings(found))


FORMAT = Renderer(_plan, _findings)
