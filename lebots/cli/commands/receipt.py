"""``lebots receipt``: a home for receipts in git, for runs that keep no files."""

from pathlib import Path
from typing import Annotated

import typer

from lebots.cli.terminal.options import AccountName
from lebots.documents.receipt import MAX_BYTES
from lebots.errors import Refused
from lebots.files import bounded
from lebots.files.walk import shown
from lebots.files.yaml.writer import write_file
from lebots.git.receipt_branch import ReceiptBranch
from lebots.project.config import AccountConfig
from lebots.run.inputs.embedded import account_id
from lebots.run.inputs.project import load_project
from lebots.run.inputs.receipt import of_account, read
from lebots.run.notices import message

_File = Annotated[Path, typer.Argument(metavar="FILE", help="The receipt.", show_default=False)]
_Remote = Annotated[str, typer.Option(metavar="REMOTE", help="The remote of the repository.")]


def push(file: _File, account: AccountName = None, remote: _Remote = "origin") -> None:
    """Add the receipt of an apply to the account's branch, after the newest one."""
    project = load_project()
    config = project.account(account)
    receipt = read(file, _id(config))
    branch = ReceiptBranch.of(Path(), project.environment, remote, config.name)
    words = f"{config.name}: receipt of the apply of {receipt.digest[:12]}"
    commit = branch.push(bounded.read(file, MAX_BYTES), words)
    message(f"the receipt is on {branch.name} ({commit[:12]})")


def pull(file: _File, account: AccountName = None, remote: _Remote = "origin") -> None:
    """Write the newest receipt of the account's branch to FILE."""
    project = load_project()
    config = project.account(account)
    branch = ReceiptBranch.of(Path(), project.environment, remote, config.name)
    content = branch.pull(MAX_BYTES)
    if content is None:
        message(f"there is no {branch.name} yet: nobody pushed a receipt of this account")
        return
    try:
        of_account(content, _id(config))
    except Refused as error:
        raise Refused(f"{branch.name}: {error}; look at who pushed to it") from None
    write_file(file, content.decode("utf-8"))
    message(f"the receipt of {branch.name} is in {shown(file)}")


def _id(config: AccountConfig) -> str:
    return account_id(config.name) if config.sandbox else config.id
