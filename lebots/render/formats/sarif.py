"""SARIF 2.1.0, which code hosts show in their security and quality pages."""

from collections.abc import Sequence

from lebots.core.model.finding import Finding
from lebots.render.renderer import Renderer, RenderSettings


def _findings(found: Sequence[Finding], setting: RenderSettings) -> str:
    from lebots.documents.text import dumps
    from lebots.render.annotations import sarif

    log = sarif.findings(
        found, version=setting.version, folder=setting.folder(), account=setting.account
    )
    return dumps(log)


FORMAT = Renderer(findings=_findings)
