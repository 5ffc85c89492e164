"""The sandbox: an embedded LivePerson account, one WSGI application over one SQLite file.

It is the second witness of what the vendor does. It is written from the vendor reference alone and
imports nothing from the rest of lebots, so that a mistake in lebots' mapping cannot cancel out.
"""

from __future__ import annotations

from lebots.sandbox.account import Sandbox
from lebots.sandbox.errors import ConnectionLost, SandboxError
from lebots.sandbox.http.faults import Fault
from lebots.sandbox.rules.table import BEHAVIOURS, Behaviour
from lebots.sandbox.rules.toggles import Rules

__all__ = [
    "BEHAVIOURS",
    "Behaviour",
    "ConnectionLost",
    "Fault",
    "Rules",
    "Sandbox",
    "SandboxError",
]
