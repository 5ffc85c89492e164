"""A sink in AWS Secrets Manager."""

from dataclasses import dataclass

from lebots.credentials.stores.versioned import Store, VersionedSink
from lebots.errors import SinkUnavailable


@dataclass(frozen=True, slots=True)
class AwsSettings:
    """Which Secrets Manager; what is empty comes from the usual files and variables of AWS."""

    region: str = ""
    profile: str = ""
    endpoint: str = ""
    kms_key: str = ""
    """Key that encrypts secrets lebots makes; empty for the account's own. Id, ARN or alias."""


def aws_sink(name: str, template: str, account: str, settings: AwsSettings) -> VersionedSink:
    """A sink of secrets that have names by a template."""

    def open_store() -> Store:
        try:
            from lebots.credentials.stores.aws_store import AwsStore
        except ImportError:
            raise SinkUnavailable("an aws sink needs: pip install 'lebots[aws]'") from None
        return AwsStore(settings)

    return VersionedSink(name, template, account, "AWS secret ", open_store)
