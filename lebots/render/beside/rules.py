"""What a proposal's ``lebots.yaml`` has otherwise than the rules in force: told first, not used."""

from collections.abc import Iterator

from lebots.core.model.plan import RulesInForce, UnusedSetting
from lebots.core.model.value import Value
from lebots.render.escape import value, visible
from lebots.render.plan_view import WIDTH

_MOST = 40
"""Settings that are told one by one."""
_LONGEST = 160
NEXT = "review that file first; once it is merged, the plan and its digest are others"


def heading(rules: RulesInForce) -> str:
    """What is not used, and what is in its place."""
    return f"NOT USED, lebots.yaml is not the one at {visible(rules.ref)}, whose rules are in force"


def told(rules: RulesInForce) -> list[tuple[UnusedSetting, str]]:
    """The settings that are told one by one, each in words."""
    return [(one, _words(one)) for one in rules.unused[:_MOST]]


def more(rules: RulesInForce) -> list[str]:
    """How many settings there are besides; nothing where all are told."""
    rest = len(rules.unused) - _MOST
    return [f"and {rest} more"] if rest > 0 else []


def unused_lines(rules: RulesInForce, width: int = WIDTH) -> Iterator[str]:
    """The heading, each setting with its place, and what to do; nothing where all is as there."""
    if not rules.unused:
        return
    yield heading(rules)
    for one, words in told(rules):
        name, place = visible(".".join(one.path)), _place(one)
        line = f"  ! {name}  {words}{place}"
        yield from [line] if len(line) <= width else [f"  ! {name}{place}", f"        {words}"]
    yield from (f"  {line}" for line in (*more(rules), NEXT))


def _words(one: UnusedSetting) -> str:
    """``"https://a" -> "https://b"``."""
    if one.file:
        return f"{visible(one.file)} here is not the file there"
    return f"{_side(one.in_force)} -> {_side(one.proposed)}"


def _place(one: UnusedSetting) -> str:
    return f"   {visible(one.source.file)}:{one.source.line}" if one.source else ""


def _side(content: Value) -> str:
    if content is None:
        return "not set"
    text = value(content)
    rest = len(text) - _LONGEST
    return text if rest <= 0 else f"{text[:_LONGEST]} ... and {rest} characters more"
