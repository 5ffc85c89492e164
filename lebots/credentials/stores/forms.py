"""The forms of settings that stores on the network share."""

from lebots.documents.json_schema import form

_STEP = r"([A-Za-z0-9_.=@+-]|\{name\}|\{account\})+"

STEPS = rf"(?=.*\{{name\}})(?!(.*/)?\.\.?(/|$)){_STEP}(/{_STEP})*"
"""A path of names, with a place for the name of a key."""

SERVER = form(
    r"(https://[A-Za-z0-9.-]+(:[0-9]{1,5})?"
    r"|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?)/?",
    "https://host:port without a path; plain http only on localhost",
)
"""The address of a server that is told secrets."""
