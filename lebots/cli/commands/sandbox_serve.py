"""``lebots sandbox serve``: the embedded account for other clients."""

import gc
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from signal import SIGINT, SIGTERM, signal
from threading import Event
from typing import Annotated, Any

import typer

from lebots.cli import COLLECTING
from lebots.cli.terminal.console import result
from lebots.cli.terminal.options import AccountName
from lebots.core.did_you_mean import did_you_mean
from lebots.errors import AccountError, UsageError
from lebots.files.inside import leads_out
from lebots.install import adding
from lebots.run.inputs.embedded import open_sandbox
from lebots.run.inputs.project import load_project
from lebots.run.notices import message
from lebots.sandbox import Fault, Rules, Sandbox, SandboxError
from lebots.sandbox.errors import LibraryMissing
from lebots.sandbox.http.serve import Server
from lebots.sandbox.http.serve import serve as listen
from lebots.sandbox.rules.toggles import positions_of_switches

CERTIFICATES = Path(".lebots/certificates")


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8443,
    https: Annotated[
        bool, typer.Option("--https", help="Serve HTTPS with a certificate made for loopback.")
    ] = False,
    account: AccountName = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FAULT",
            help="Inject a fault, such as status=503,method=POST,path=users,times=2; repeatable.",
        ),
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=POSITION",
            help="Turn a guessed rule round, as `sandbox rules` names it; repeatable.",
        ),
    ] = None,
    known_secrets: Annotated[
        bool,
        typer.Option(
            "--known-secrets",
            help="Let everyone log in with the well-known secrets of the embedded account, which "
            "are the same every time, instead of new ones.",
        ),
    ] = False,
) -> None:
    """Serve the embedded account on loopback, for clients and for a browser.

    Every service answers on one port, and every request needs a login. Ends on Ctrl-C.
    """
    gc.set_threshold(*COLLECTING)
    config = load_project().account(account)
    if config.sandbox is None:
        raise UsageError(f'account "{config.name}" is not an embedded one')
    if https and leads_out(CERTIFICATES, Path()):
        raise UsageError(f"{CERTIFICATES} leads out of the project; remove the link on the way")
    faults, positions = _faults(fault or ()), _rules(rule or ())
    with open_sandbox(config.sandbox, config.name, rules=positions, authenticate=True) as sandbox:
        if not known_secrets:
            sandbox.renew_secrets()
        sandbox.faults = faults
        try:
            server = listen(sandbox, port=port, https=https, certificates=CERTIFICATES, log=message)
        except LibraryMissing as error:
            raise AccountError(f"{error}: {adding('serve')}") from None
        except SandboxError as error:
            raise AccountError(str(error)) from None
        ended = Event()
        for number in (SIGINT, SIGTERM):
            signal(number, lambda *_: ended.set())
        with server:
            _banner(sandbox, server, known_secrets)
            while not ended.wait(0.2):
                pass
    message("stopped")


def _banner(sandbox: Sandbox, server: Server, known_secrets: bool) -> None:
    access, url, ca = sandbox.tool_access(), server.url, server.ca
    authority = url.partition("://")[2]
    result(f"account {sandbox.account} is served at {url}; look at it in a browser")
    if known_secrets:
        lines = ["well-known credentials, the same in every embedded account:"]
    else:
        lines = ["credentials until this process ends (--known-secrets: the same every time):"]
    lines += [f"  {name}: {value}" for name, value in access.items()]
    if ca:
        lines += [
            f"CA certificate: {ca}",
            "in lebots.yaml:",
            f'  accountId: "{sandbox.account}"',
            f"  domain: {authority}",
            f"  ca: {ca}",
            "  auth: {method: login, username: {env: LP_USERNAME}, password: {env: LP_PASSWORD}}",
        ]
    else:
        lines.append("plain HTTP is for other clients: lebots itself speaks HTTPS only (--https)")
    message("\n".join(lines))


def _faults(texts: Sequence[str]) -> list[Any]:
    try:
        return [Fault.parse(text) for text in texts]
    except SandboxError as error:
        raise UsageError(f"--fault: {error}") from None


def _rules(texts: Sequence[str]) -> Rules:
    positions = positions_of_switches()
    chosen: dict[str, Any] = {}
    for text in texts:
        name, _, position = text.partition("=")
        if name not in positions:
            rules = [field.name for field in fields(Rules)]
            hint = did_you_mean(name, rules, "`lebots sandbox rules` lists them")
            raise UsageError(f"--rule: there is no rule {name}{hint}")
        known = {str(each).lower(): each for each in positions[name]}
        if position.lower() not in known:
            hint = did_you_mean(position, known)
            raise UsageError(f"--rule: {name} is one of {', '.join(known)}{hint}")
        chosen[name] = known[position.lower()]
    return Rules(**chosen)
