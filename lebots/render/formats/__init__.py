"""The formats of ``--format``, a file each with one constant ``FORMAT``, found by walking."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from lebots.render.renderer import DrawFindings, DrawPlan, Renderer

_FOUND: Mapping[str, Renderer] = {
    module.name: import_module(f"{__name__}.{module.name}").FORMAT
    for module in iter_modules(__path__)
}

OF_PLANS: Mapping[str, DrawPlan] = {name: f.plan for name, f in _FOUND.items() if f.plan}
OF_FINDINGS: Mapping[str, DrawFindings] = {
    name: f.findings for name, f in _FOUND.items() if f.findings
}
"""By the name of the format, which is the name of its file."""
