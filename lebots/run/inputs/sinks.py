"""The sinks of a project, ready for one of its accounts."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from lebots.core.manifest.sink_type import SinkContext
from lebots.core.model.ports import Sink
from lebots.core.model.secret import Secret
from lebots.credentials.content.renamed import RenamedSink
from lebots.files.walk import MANIFESTS
from lebots.git.unshared import Unshared
from lebots.project import Project, SinkConfig, ValueSource, resolve
from lebots.run.inputs.masking import MaskingSink, mask, masks_are_on


def open_sinks(project: Project, account: str) -> Mapping[str, Sink]:
    """Every sink by its name; ``account`` is the id of the account the run works with.

    Nothing is opened yet: a sink reads its login and imports its library when it is first used.
    Then InvalidInput tells a value to log in with that is missing, SinkUnavailable a library.
    """
    keep_out = partial(_keep_out, project)
    context = SinkContext(account, str(project.folder), project.children, keep_out)
    return {name: _sink(config, context, project) for name, config in project.sinks.items()}


def _sink(config: SinkConfig, context: SinkContext, project: Project) -> Sink:
    settings = dict(config.settings)
    for name, value in settings.items():
        if isinstance(value, ValueSource):
            settings[name] = partial(_read, value, project)
    sink = config.type.opener(config.name, settings, context)
    renamed = RenamedSink(sink, config.fields) if config.fields else sink
    masks = masks_are_on(project.environment)
    return MaskingSink(renamed, project.environment) if masks else renamed


def _read(source: ValueSource, project: Project) -> Secret:
    secret = resolve(source, project.environment, project.children)
    mask((secret,), project.environment)
    return secret


def _keep_out(project: Project, folder: str, lines: Mapping[str, str]) -> None:
    overlays = [path for one in project.accounts.values() for path in one.overlays]
    shared = [project.folder / MANIFESTS, *(path for path in overlays if path.is_dir())]
    Unshared(project.folder, shared, project.environment).require(Path(folder), lines)
