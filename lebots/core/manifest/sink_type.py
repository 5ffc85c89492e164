"""The contract of a type of sink: data first, the opener last.

A type of sink is one module in ``lebots/credentials`` with one constant ``SINK``. The schema of
``lebots.yaml``, what is checked there and what a run opens follow from it; no other module names
one. What several types are made of is in the packages beside them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lebots.core.manifest.schema_errors import Violation
from lebots.core.model.kind import NOTHING, Schema
from lebots.core.model.ports import Sink

Settings: TypeAlias = Mapping[str, Any]
"""Setting to value. An opener finds every setting of its type there."""


_TEXT: Schema = {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a sink of the type can be told in ``lebots.yaml``."""

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: _TEXT)
    """Type and form of what may be written."""
    needed: bool = False
    default: object = None
    """What the opener is given where nothing is written."""
    is_path: bool = False
    """Counts from the project's folder; the opener is given a ``pathlib.Path``."""
    is_destination: bool = False
    """Path with placeholders of what secrets are written to; an absolute one may lead out of the
    project."""
    is_secret: bool = False
    """Never stands in the file, which says where it is read from: there is nothing to say of its
    form, and the opener is given a function that reads the ``Secret``."""


@dataclass(frozen=True, slots=True)
class SinkContext:
    """What every opener may use of the run."""

    account: str
    """Id of the account the run works with."""
    folder: str
    """The project's folder."""
    environment: Mapping[str, str] = field(repr=False)
    """What programs get: the run's own logins are not in it."""
    keep_out: Callable[[str, Mapping[str, str]], None]
    """Refuses files of a folder that git would share; each name with the line that ignores it."""


def _nothing_wrong(entry: Settings) -> Iterable[Violation]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkType:
    """Everything lebots knows of one type of sink."""

    name: str
    """The word after ``type:``."""
    summary: str
    """Where secrets go, in a few words without a full stop."""
    settings: tuple[Setting, ...]
    defaults: Mapping[str, Settings] = field(default_factory=lambda: NOTHING)
    """The sinks, by name, of a project that says nothing of sinks."""
    check: Callable[[Settings], Iterable[Violation]] = _nothing_wrong
    """What is wrong with an entry that fits the schema; paths start at the entry."""
    opener: Callable[[str, Settings, SinkContext], Sink]
    """The sink of a name. It logs in and imports its library when the sink is first used; until
    then nothing is opened."""
