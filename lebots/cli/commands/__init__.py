"""One file one verb; what a command imports is loaded when it runs, or shows its own help."""

from collections.abc import Mapping
from typing import TypeAlias, Union

Commands: TypeAlias = Mapping[str, tuple[Union[str, "Commands"], str]]
"""By name: the function in a module of this package, or commands below it; what a list says."""

_SANDBOX: Commands = {
    "serve": (
        "sandbox_serve:serve",
        "Serve the embedded account on loopback, to any client and to a browser.",
    ),
    "rules": (
        "sandbox_rules:rules",
        "List what the embedded account does: documented, observed or guessed.",
    ),
    "reset": ("sandbox:reset", "Go back to the account as it was on first use."),
    "seed": ("sandbox:seed", "Add made-up people and skills, to try a large account."),
    "show": ("sandbox:show", "Show what is in the account now."),
}

COMMANDS: Commands = {
    "plan": ("plan:plan", "Show what would change in the account."),
    "apply": ("apply:apply", "Make the changes of the plan, in its order."),
    "validate": (
        "validate:validate",
        "Check manifests without any account, network or credential.",
    ),
    "import": (
        "import_:import_",
        "Write manifests for what the account has; nothing is changed there.",
    ),
    "fmt": ("fmt:fmt", "Put manifests into canonical order and layout; comments stay."),
    "compare": ("compare:compare", "Compare two live accounts by name."),
    "doctor": ("doctor:doctor", "Look whether an account can be worked with, and at its bots."),
    "verify": ("verify:verify", "Log in as each bot of the manifests, once, and log out again."),
    "rotate": (
        "rotate:rotate",
        "Make a second application for a key, move its bots over, then switch the first one off.",
    ),
    "schema": (
        "schema:schema",
        "Print a JSON Schema: manifests, one kind, the project, a plan, an outcome, a receipt.",
    ),
    "explain": ("explain:explain", "Explain the kinds, one kind, or one field."),
    "get": (
        "get:get",
        "Show one manifest as the account gets it, with its overlays and the place of every value.",
    ),
    "init": ("init:init", "Write a starter project with one routing bot."),
    "sandbox": (_SANDBOX, "The embedded account: a file, for trying and testing."),
}
