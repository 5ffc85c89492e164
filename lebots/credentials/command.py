"""Any program that keeps secrets: JSON in, JSON out (docs/sinks.md)."""

from pathlib import Path

from lebots.core.manifest.sink_type import Setting, Settings, SinkContext, SinkType
from lebots.core.model.ports import Sink


def _open(name: str, settings: Settings, context: SinkContext) -> Sink:
    from lebots.credentials.programs.command_sink import CommandSink

    return CommandSink(
        name,
        settings["command"],
        Path(context.folder),
        context.environment,
        context.account,
        settings["timeout"],
    )


SINK = SinkType(
    name="command",
    summary="a program of yours",
    settings=(
        Setting(
            "command",
            "Program and its arguments; it is told everything on stdin as JSON.",
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
            needed=True,
        ),
        Setting(
            "timeout",
            "Seconds that one call of the program may take; 60 if not set.",
            {"type": "integer", "minimum": 1, "maximum": 600},
            default=60,
        ),
    ),
    opener=_open,
)
