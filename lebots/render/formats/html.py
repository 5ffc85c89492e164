"""A page of its own."""

from lebots.render.renderer import Drawn, Renderer, RenderSettings


def _plan(drawn: Drawn, setting: RenderSettings) -> str:
    from lebots.render.page import page

    return page.plan(
        drawn.plan,
        drawn.kinds,
        version=setting.version,
        places=drawn.places,
        commit=setting.commit(),
        proposal=drawn.proposal,
    )


FORMAT = Renderer(_plan)
