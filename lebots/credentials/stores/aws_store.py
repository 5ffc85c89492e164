"""Documents in AWS Secrets Manager through boto3; imported only when an aws sink is used."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import boto3
from botocore import exceptions
from botocore.config import Config
from botocore.parsers import ResponseParserError

from lebots.core.manifest.sink_type import Settings
from lebots.core.strict_json import loads
from lebots.core.vendor.redact import safe_excerpt
from lebots.credentials.stores.versioned import Fading, New, Stale, Stored
from lebots.errors import SinkError, SinkOutcomeUnknown, SinkRefused, SinkUnavailable

CONNECT_SECONDS, READ_SECONDS = 5.0, 15.0

# At level DEBUG botocore logs the bodies of requests, and with them the secrets (T18).
_TALKATIVE = ("boto3", "botocore", "urllib3")
_ADVICE = {
    "AccessDeniedException": "does the policy of the caller allow it? docs/sinks.md has one",
    "DecryptionFailure": "may the caller use the KMS key?",
    "EncryptionFailure": "may the caller use the KMS key?",
    "ExpiredTokenException": "log in to AWS again",
    "InvalidRequestException": "if it is marked for deletion, restore it or wait",
    "ThrottlingException": "wait a little, and run again",
    "UnrecognizedClientException": "are these the credentials of this account and region?",
}
_CODES = frozenset(
    {*_ADVICE, "InternalServiceError", "InvalidParameterException", "InvalidSignatureException"}
    | {"LimitExceededException", "MalformedPolicyDocumentException", "PreconditionNotMetException"}
    | {"ResourceExistsException", "ResourceNotFoundException", "SerializationException"}
)
"""The only words of an answer to a delivery that are shown."""


class AwsStore:
    """Secrets Manager of one region, with the credentials AWS tools find here."""

    def __init__(self, settings: Settings) -> None:
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        self._kms_key = settings["kmsKeyId"]
        # One attempt: a second one that fails to connect would hide what became of the first.
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": 1},
            proxies={},
            ignore_configured_endpoint_urls=True,
        )
        with _classified(writes=False):
            session = boto3.Session(
                profile_name=settings["profile"], region_name=settings["region"]
            )
            self._client: Any = session.client(
                "secretsmanager", config=config, endpoint_url=settings["endpoint"], verify=True
            )

    def read(self, path: str) -> Stored:
        """The version that is current; none where there is no secret, or one without a value."""
        with _classified(writes=False):
            try:
                found = self._client.get_secret_value(SecretId=path)
            except self._client.exceptions.ResourceNotFoundException:
                return Stored()
            return Stored(str(found["VersionId"]), _loaded(found.get("SecretString")))
        raise AssertionError("an answer is returned or refused")

    def write(self, path: str, new: New, before: Stored) -> str:
        """Stores the version that the ticket names; a secret that is not there is made."""
        text = json.dumps(new.content)
        with _classified(writes=True, delivers=new.delivers):
            if not before.version:
                try:
                    return self._created(path, text, new.ticket)
                except self._client.exceptions.ResourceExistsException:
                    # Made by other tools for lebots to fill, or by somebody else just now.
                    if self.read(path).version:
                        raise Stale from None
            answer = self._client.put_secret_value(
                SecretId=path, ClientRequestToken=new.ticket, SecretString=text
            )
            return str(answer["VersionId"])
        raise AssertionError("an answer is returned or refused")

    def clear(self, path: str, before: Stored) -> None:
        """Removes the secret: only making one is atomic here, so none must be left to fill."""
        self.remove(path)

    def remove(self, path: str) -> None:
        """Removes a secret at once, without the days in which it could be restored."""
        with _classified(writes=True):
            self._client.delete_secret(SecretId=path, ForceDeleteWithoutRecovery=True)

    def _created(self, path: str, text: str, ticket: str) -> str:
        named = {"KmsKeyId": self._kms_key} if self._kms_key else {}
        answer = self._client.create_secret(
            Name=path,
            ClientRequestToken=ticket,
            SecretString=text,
            Description="Written by lebots; do not edit",
            **named,
        )
        return str(answer["VersionId"])


def _loaded(text: object) -> object:
    """The document in a secret; anything else is something, but no document."""
    try:
        return loads(text) if isinstance(text, str) else "no text"
    except ValueError:
        return "no JSON"


@contextmanager
def _classified(*, writes: bool, delivers: bool = False) -> Iterator[None]:
    """What went wrong as one of our errors, without the words of the libraries."""
    try:
        yield
    except exceptions.ClientError as error:
        _refuse(error.response, writes, delivers)
    except exceptions.SSLError as error:
        if "verify failed" in str(error):
            raise SinkUnavailable("not sent: the certificate is not trusted") from None
        _lost("no answer: SSLError", writes)
    except _UNKNOWN as error:
        _lost(f"no answer: {type(error).__name__}", writes)
    except exceptions.NoRegionError:
        raise SinkUnavailable("not sent: no region; write region in the sink") from None
    except exceptions.NoCredentialsError:
        raise SinkUnavailable("not sent: no credentials of AWS are set up here") from None
    except (exceptions.BotoCoreError, ValueError) as error:
        # Everything else is raised before a request leaves: settings, logins, connections.
        raise SinkUnavailable(f"not sent: {type(error).__name__}") from None
    except (AttributeError, KeyError, TypeError):
        _lost("the answer is not one of Secrets Manager", writes)


_UNKNOWN = (
    exceptions.HTTPClientError,
    exceptions.IncompleteReadError,
    ResponseParserError,
)


def _refuse(response: Any, writes: bool, delivers: bool) -> NoReturn:
    said, status = response.get("Error", {}), response.get("ResponseMetadata", {})
    code, status = str(said.get("Code", "")), status.get("HTTPStatusCode", 0)
    if delivers:
        words = f"AWS answers {status}" + (f" {code}" if code in _CODES else "")
    else:
        words = (
            f"AWS answers {status} {safe_excerpt(code)}: {safe_excerpt(str(said.get('Message')))}"
        )
    words = f"{words}; {_ADVICE[code]}" if code in _ADVICE else words
    if code == "InvalidRequestException" and "delet" in str(said.get("Message")):
        raise Fading(words) from None
    if 400 <= status < 500 and code.isalpha():
        raise SinkRefused(words) from None
    _lost(words, writes)


def _lost(words: str, writes: bool) -> NoReturn:
    if writes:
        raise SinkOutcomeUnknown(f"{words}; it may or may not be written") from None
    raise SinkError(words) from None
