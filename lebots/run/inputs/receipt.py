"""Receipts of earlier applies, where a run reads them."""

from pathlib import Path

from lebots.core.history.receipt import Receipt
from lebots.documents.receipt import MAX_BYTES
from lebots.documents.receipt import read as parsed
from lebots.errors import Refused, UsageError
from lebots.files import bounded
from lebots.files.walk import shown
from lebots.run.inputs.project import signing


def earlier(file: Path | None, account: str) -> Receipt | None:
    """The receipt that stands where a run will write its own; none where nothing stands there.

    Raises what ``read`` raises: what is no receipt of this account is neither passed over nor
    written over.
    """
    if file is None:
        return None
    try:
        file.lstat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        pass  # what is wrong with the path, reading it tells
    try:
        return read(file, account)
    except (Refused, UsageError) as error:
        words = f"{error}; this run would write over it: move it away, or name another file"
        raise type(error)(words) from None


def read(file: Path, account: str) -> Receipt:
    """The receipt in a file; Refused where it is none or of another account, UsageError where the
    file cannot be read.
    """
    try:
        content = bounded.read(file, MAX_BYTES)
    except bounded.Unreadable as reason:
        raise UsageError(f"{shown(file)}: the receipt cannot be read ({reason})") from None
    try:
        return of_account(content, account)
    except Refused as error:
        raise Refused(f"{shown(file)}: {error}") from None


def of_account(content: bytes, account: str) -> Receipt:
    """The receipt in a text; Refused where it is none or of another account."""
    receipt = parsed(content, signing())
    if receipt.account != account:
        raise Refused(f"a receipt of account {receipt.account}, this is account {account}")
    return receipt
