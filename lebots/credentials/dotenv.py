"""A file for each key, with the rights of its owner alone."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from lebots.core.manifest.schema_errors import Violation
from lebots.core.manifest.sink_type import Setting, Settings, SinkContext, SinkType
from lebots.core.model.ports import Sink
from lebots.documents.json_schema import form

PATH = (
    r"(?![~])(?!.*//)(?!(.*/)?\.\.(/|$))(?=.*\{name\})"
    r"([^{}\n]|\{name\}|\{account\})*([^{}\n/]|\{name\}|\{account\})"
)


def _check(entry: Settings) -> Iterator[Violation]:
    fields = entry.get("fields")
    if entry.get("format", "env") == "env" and isinstance(fields, Mapping):
        for part, chosen in fields.items():
            if not chosen.replace("_", "a").isalnum():
                words = "a dotenv file takes letters, digits and _ only; or write format: json"
                yield Violation(("fields", part), "bad-form", words)


def _open(name: str, settings: Settings, context: SinkContext) -> Sink:
    from lebots.credentials.files import envfile, jsonfile
    from lebots.credentials.files.dotenv_sink import DotenvSink

    def keep_out(folder: Path, lines: Mapping[str, str]) -> None:
        context.keep_out(str(folder), lines)

    text = jsonfile if settings["format"] == "json" else envfile
    return DotenvSink(name, settings["path"], Path(context.folder), text, keep_out)


SINK = SinkType(
    name="dotenv",
    summary="one file for each key",
    settings=(
        Setting(
            "path",
            "path of the file, a relative one counts from the project's folder",
            {
                **form(
                    PATH,
                    "a file path with {name} in it, perhaps {account}, and without other braces, "
                    ".. and ~",
                ),
                "maxLength": 1000,
                "examples": [".secrets/{name}.env"],
            },
            needed=True,
            is_destination=True,
        ),
        Setting(
            "format",
            "Form of the file: dotenv lines (the default), or one JSON document.",
            {"enum": ["env", "json"]},
            default="env",
        ),
    ),
    defaults={"default": {"path": ".lebots/credentials/{name}.env"}},
    check=_check,
    opener=_open,
)
