"""Secrets that somebody pasted into a manifest: in a value, a name or a comment.

A short table of forms that nothing else has, kept here since the library for it (detect-secrets)
loads an HTTP client and a plug-in system for what is one regular expression. Sources: what each
issuer documents about the prefixes of its tokens; RFC 7468 (PEM), RFC 7519 (JWT), RFC 3986 3.2.1.
"""

import re
from collections.abc import Iterator

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding

FORMS = {
    "a private key": r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----",
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})",
    "a GitLab token": r"\bgl[a-z]{2,5}-[A-Za-z0-9_-]{20}",
    "a Slack token": r"\bxox[a-z]-[A-Za-z0-9-]{10}|hooks\.slack\.com/services/T[A-Z0-9]{6}",
    "a Google API key": r"\bAIza[A-Za-z0-9_-]{35}",
    "a Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{16}",
    "an API key": r"\bsk-[A-Za-z0-9_-]{24}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{36}",
    "a PyPI token": r"\bpypi-AgE[A-Za-z0-9_-]{20}",
    "a Vault token": r"\bhv[sbr]\.[A-Za-z0-9_-]{24}",
    "a JSON Web Token": r"\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\.",
    "a login in an address": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,100}:[^\s/:@]{3,200}@",
    "32 or more hexadecimal digits": r"(?<!# id )\b"  # an import writes the ids of keys
    r"(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{32,128}\b",
    "a password": r"(?i:\b(?:client[_ -]?secret|passw(?:or)?d|api[_ -]?key|access[_ -]?token"
    r"|lp_secret|lp_accesstokensecret)\b[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?"
    r"(?=[^\s\"'{}]{0,100}[0-9])[^\s\"'{}]{8})",
}
"""What it is, and how it is known."""

_ANY = re.compile("|".join(f"(?P<f{number}>{form})" for number, form in enumerate(FORMS.values())))
_NAMES = tuple(FORMS)


def pasted(data: bytes, file: str) -> Iterator[Finding]:
    """A finding for each secret; none quotes it."""
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        for match in _ANY.finditer(line[:8192]):
            name = _NAMES[int((match.lastgroup or "f0")[1:])]
            words = (
                f"this looks like {name}; a manifest holds no secret: remove it, and replace it "
                "where it is valid if it was committed"
            )
            yield Finding("secret-in-file", words, source=Source(file, number, match.start() + 1))
