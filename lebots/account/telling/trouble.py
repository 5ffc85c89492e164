"""Why a request failed on its way, in words, with the next step."""

import re
import socket
import ssl

import httpx

SESSION_ENDED = (
    "the session of this run has ended: another run or a person logged in as the same user, or it "
    "was closed; logging in again, which ends theirs; give each run a user of its own"
)
SESSION_ENDED_AGAIN = (
    "; the session ended again at once: another run logs in as the same user; wait until it has "
    "ended, or give each run a user of its own"
)
_CLOCK_OFF = 120.0
"""Seconds; how much the account tolerates is not known (reference 2.5)."""

_TIME = {9: "is not valid yet", 10: "has expired"}
"""By OpenSSL's code of what is wrong with a certificate."""
_STATUS = re.compile("[1-9][0-9]{2}")
_OTHER_NAME = frozenset({62, 64})
_UNTRUSTED = (
    "if your network has a proxy that signs certificates itself, or the account is a sandbox, name "
    "the file of its CA as `ca:` of the account in lebots.yaml"
)


def trouble(error: httpx.RequestError) -> str:
    """Why a request failed; never the text of the error itself, which can quote what was sent."""
    if isinstance(error, httpx.ProxyError):
        found = _STATUS.match(str(error))
        said = f" ({found[0]})" if found else ""
        return (
            f"ProxyError: the proxy does not let it pass{said}; ask who runs the proxy to let this "
            "machine through without a login, or mend `proxy:` of the account in lebots.yaml"
        )
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _certificate(cause)
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        if isinstance(cause, socket.gaierror):
            return "its name is not known"
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


def clock_hint(offset: float, *, refused: bool) -> str:
    """The next step where a clock may be wrong: ours is ``offset`` seconds behind, or the account
    has refused a time.
    """
    if abs(offset) <= _CLOCK_OFF and not refused:
        return ""
    way = "behind" if offset > 0 else "ahead of"
    by = f"{abs(offset):.0f} s {way} the account's" if abs(offset) > _CLOCK_OFF else "not right"
    return f"; this machine's clock is {by}: set it, such as with NTP, and run again"


def _certificate(error: ssl.SSLCertVerificationError) -> str:
    said = f"its certificate is not trusted ({error.verify_message})"
    if error.verify_code in _TIME:
        what = f"it {_TIME[error.verify_code]} by this machine's clock"
        return (
            f"{said}: {what}; set the clock if it is wrong, else whoever runs the server renews it"
        )
    if error.verify_code in _OTHER_NAME:
        return f"{said}: another server answers under this name; check `domain:` and `proxy:`"
    return f"{said}: {_UNTRUSTED}"
