"""The names under which the parts of a credential are delivered."""

from collections.abc import Mapping

PARTS: Mapping[str, str] = {
    "LP_ACCOUNT": "Id of the account.",
    "LP_APPKEY": "Id to log in with: the client id of OAuth 2.",
    "LP_SECRET": "The generated secret: the client secret of OAuth 2.",
    "LP_ACCESSTOKEN": "Only a placeholder with OAuth 2; the vendor's SDK wants it filled.",
    "LP_ACCESSTOKENSECRET": "Only a placeholder with OAuth 2; the vendor's SDK wants it filled.",
}
"""The parts by the names the vendor's bot examples read them by (reference 8.2), with their words.

``LP_USER`` is not among them: one key may serve several bots, so it belongs to a bot and not to
the credential.
"""

NEEDED = ("LP_APPKEY", "LP_SECRET")
"""What no choice of names may leave out."""

PRESETS: Mapping[str, Mapping[str, str]] = {
    "lebots": {name: name for name in PARTS},
    "oauth2": {
        "LP_ACCOUNT": "account",
        "LP_APPKEY": "client_id",
        "LP_SECRET": "client_secret",
    },
}
"""Choices of names that have a name themselves: part to the name it is delivered under."""

OWNER = "LEBOTS_CREDENTIAL"
"""The field of a JSON document that says whose credential it is; no part may take this name."""
