"""Whom a TLS connection trusts: the authorities in a file that a project names, or the usual."""

import ssl
from pathlib import Path

import certifi

from lebots.files import bounded
from lebots.files.walk import shown

_MOST = 8 * 1024 * 1024


def context(ca: Path | None) -> ssl.SSLContext:
    """TLS that always verifies; raises ValueError that says what is wrong with the file.

    Made by hand since the ready-made context writes session keys where SSLKEYLOGFILE says (T11).
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    file = ca or Path(certifi.where())
    try:
        made.load_verify_locations(cadata=bounded.read(file, _MOST).decode("ascii", "ignore"))
    except (bounded.Unreadable, ssl.SSLError, ValueError) as error:
        reason = f" ({error})" if isinstance(error, bounded.Unreadable) else ""
        words = f"{shown(file)} is not a file of CA certificates in PEM form{reason}"
        raise ValueError(words) from None
    return made
