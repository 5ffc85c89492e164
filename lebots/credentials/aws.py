"""AWS Secrets Manager, with the login that AWS tools find here."""

from lebots.core.manifest.sink_type import Setting, Settings, SinkContext, SinkType
from lebots.core.model.ports import Sink
from lebots.credentials.stores.forms import SERVER, STEPS
from lebots.documents.json_schema import form
from lebots.errors import SinkUnavailable
from lebots.install import adding


def _open(name: str, settings: Settings, context: SinkContext) -> Sink:
    from lebots.credentials.stores.versioned import Store, VersionedSink

    def open_store() -> Store:
        try:
            from lebots.credentials.stores.aws_store import AwsStore
        except ImportError:
            raise SinkUnavailable(f"an aws sink needs: {adding('aws')}") from None
        return AwsStore(settings)

    return VersionedSink(name, settings["secretName"], context.account, "AWS secret ", open_store)


SINK = SinkType(
    name="aws",
    summary="AWS Secrets Manager",
    settings=(
        Setting(
            "secretName",
            "Name of the secret; {name} is the key's name, {account} the account's id.",
            {
                **form(STEPS, "letters, digits and /_+=.@- with {name} in it, perhaps {account}"),
                "maxLength": 300,
                "examples": ["bots/{account}/{name}"],
            },
            needed=True,
        ),
        Setting(
            "region",
            "Region; default: the one AWS tools use here.",
            form("[a-z]{2,}(-[a-z]+)+-[0-9]+", "a region such as eu-central-1"),
        ),
        Setting("profile", "Profile of AWS tools to use; default: the one they use here."),
        Setting("endpoint", "Address of the service, where it is not the usual one.", SERVER),
        Setting(
            "kmsKeyId",
            "KMS key for secrets that lebots makes; default: the account's own.",
            {**form("[A-Za-z0-9:/_-]+", "the id, ARN or alias of a KMS key"), "maxLength": 2048},
        ),
    ),
    opener=_open,
)
