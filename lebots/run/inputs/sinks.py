"""The sinks of a project, ready for one of its accounts."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lebots.core.model.ports import Sink
from lebots.core.model.secret import Secret
from lebots.files.walk import MANIFESTS
from lebots.run.inputs.masking import MaskingSink, mask, on_github

if TYPE_CHECKING:
    from lebots.project import DotenvConfig, Project, SinkConfig, ValueSource


def open_sinks(project: "Project", account: str) -> Mapping[str, Sink]:
    """Every sink by its name; ``account`` is the id of the account the run works with.

    Nothing is opened yet: a sink reads its login and imports its library when it is first used.
    Then InvalidInput tells a value to log in with that is missing, SinkUnavailable a library.
    """
    return {name: _sink(config, project, account) for name, config in project.sinks.items()}


def _sink(config: "SinkConfig", project: "Project", account: str) -> Sink:
    from lebots.credentials.renamed import RenamedSink

    sink = _plain_sink(config, project, account)
    renamed = RenamedSink(sink, config.fields) if config.fields else sink
    masks = on_github(project.environment)
    return MaskingSink(renamed, project.environment) if masks else renamed


def _plain_sink(config: "SinkConfig", project: "Project", account: str) -> Sink:
    from lebots import project as projects

    match config:
        case projects.CommandConfig():
            from lebots.credentials.command import CommandSink

            return CommandSink(
                config.name,
                config.command,
                project.folder,
                project.environment,
                account,
                config.timeout,
            )
        case projects.VaultConfig():
            from lebots.credentials.vault import VaultSettings, vault_sink

            settings = VaultSettings(config.address, config.mount, config.namespace, config.ca)
            token = partial(_token, config.token, project.environment)
            return vault_sink(config.name, config.path, account, settings, token)
        case projects.AwsConfig():
            from lebots.credentials.aws import AwsSettings, aws_sink

            where = AwsSettings(config.region, config.profile, config.endpoint, config.kms_key)
            return aws_sink(config.name, config.secret_name, account, where)
        case projects.DotenvConfig():
            return _files(config, project)
    raise AssertionError(f"no sink for {type(config).__name__}")


def _token(source: "ValueSource", environment: Mapping[str, str]) -> Secret:
    from lebots.project import resolve

    token = resolve(source, environment)
    mask((token,), environment)
    return token


def _files(config: "DotenvConfig", project: "Project") -> Sink:
    from lebots.credentials.dotenv import DotenvSink
    from lebots.credentials.files import envfile, jsonfile

    form = jsonfile if config.format == "json" else envfile
    keep_out = partial(_keep_out, project)
    return DotenvSink(config.name, config.path, project.folder, form, keep_out)


def _keep_out(project: "Project", folder: Path, lines: Mapping[str, str]) -> None:
    from lebots.git.unshared import Unshared

    overlays = [path for one in project.accounts.values() for path in one.overlays]
    shared = [project.folder / MANIFESTS, *(path for path in overlays if path.is_dir())]
    Unshared(project.folder, shared, project.environment).require(folder, lines)
