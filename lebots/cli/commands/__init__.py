"""One file one verb; what a command imports is loaded when it runs, or shows its own help."""

from collections.abc import Mapping
from typing import TypeAlias, Union

Commands: TypeAlias = Mapping[str, tuple[Union[str, "Commands"], str]]
"""By name: the function in a module of this package, or commands below it; what a list says."""

_SANDBOX: Commands = {
    "serve": (
        "sandbox_serve:serve",
        "Serve the embedded account on loopback, for clients and for a browser.",
    ),
    "rules": (
        "sandbox_rules:rules",
        "List the rules of the embedded account: documented, observed or guessed.",
    ),
    "reset": ("sandbox:reset", "Reset the embedded account to its first state."),
    "seed": (
        "sandbox:seed",
        "Add made-up people, skills and conversations, to test with a large account.",
    ),
    "show": ("sandbox:show", "Show the objects of the embedded account."),
}

_RECEIPT: Commands = {
    "push": (
        "receipt:push",
        "Add the receipt of an apply to the account's branch, after the newest one.",
    ),
    "pull": ("receipt:pull", "Write the newest receipt of the account's branch to FILE."),
}

COMMANDS: Commands = {
    "plan": ("plan:plan", "Show what would change in the account."),
    "apply": ("apply:apply", "Make the changes of the plan, in its order."),
    "validate": (
        "validate:validate",
        "Check manifests without an account, network or credential.",
    ),
    "import": (
        "import_:import_",
        "Write manifests for the objects of an account.",
    ),
    "fmt": ("fmt:fmt", "Format manifests: canonical order and layout; comments stay."),
    "compare": ("compare:compare", "Compare two live accounts by name."),
    "doctor": (
        "doctor:doctor",
        "Check connection, permissions, quotas and the health of the bots.",
    ),
    "verify": (
        "verify:verify",
        "Log in once as each bot of the manifests, to check its credential, and log out.",
    ),
    "rotate": (
        "rotate:rotate",
        "Replace a key: create a new one, move its bots to it, then disable the old one.",
    ),
    "receipt": (_RECEIPT, "Keep the receipts of an account on a branch of the repository."),
    "schema": (
        "schema:schema",
        "Print a JSON Schema: manifests, one kind, the project, a plan, an outcome, a receipt.",
    ),
    "explain": ("explain:explain", "Explain the kinds, one kind, or one field."),
    "get": (
        "get:get",
        "Show every value of one manifest with its file and line, overlays included.",
    ),
    "init": ("init:init", "Write a starter project with one routing bot."),
    "sandbox": (_SANDBOX, "The embedded account: a file, for trials and tests."),
}
