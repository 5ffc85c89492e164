"""``lebots validate``: manifests alone, without account, network or credential."""

from collections import Counter
from collections.abc import Sequence

from lebots.cli.terminal.console import result
from lebots.cli.terminal.options import Paths
from lebots.cli.terminal.output import (
    TEXT,
    CommentBudget,
    FindingsFormat,
    HostBudget,
    MarkdownFile,
    print_findings,
)
from lebots.core.model.desired import Desired
from lebots.run.inputs.manifests import load_all
from lebots.run.notices import gate


def validate(
    paths: Paths = None,
    format_: FindingsFormat = TEXT,
    markdown_file: MarkdownFile = None,
    budget: CommentBudget = HostBudget.GITHUB,
) -> None:
    """Check manifests without an account, network or credential."""
    variants, findings = load_all(paths)
    print_findings(format_, findings, markdown_file, budget)
    gate(findings)
    if format_ == TEXT:
        for accounts, desired in variants:
            about = f"{', '.join(accounts)}: " if len(variants) > 1 else ""
            result(about + _valid(desired))


def _valid(desired: Sequence[Desired]) -> str:
    kinds = Counter(wanted.address.kind for wanted in desired)
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    many = "1 manifest is" if len(desired) == 1 else f"{len(desired)} manifests are"
    return f"{many} valid: {counted}"
