"""What a comment says beside what lebots writes."""


def heading(commit: str, run: str, whole: str) -> str:
    """Which commit a plan is of, and where its run and the whole plan are."""
    links = f" \u00b7 [run]({run}) \u00b7 [whole plan]({whole})" if run else ""
    return f"Plan of `{commit[:8]}`{links}\n\n"


def failed(code: str, run: str) -> str:
    """That there is no plan of the newest commit, and where to look."""
    return (
        "### lebots plan: failed\n\nThere is no plan of the newest commit: lebots ended with exit "
        f"code {_known(code)}. What is wrong stands in [the log]({run}).\n"
    )


def not_applied(code: str, run: str) -> str:
    """That an apply told nothing of its outcome, and where to look."""
    what = "refused: nothing was written" if code == "6" else "failed"
    return (
        f"### lebots apply: {what}\n\nlebots ended with exit code {_known(code)}. Why stands in "
        f"[the log]({run}).\n"
    )


def _known(code: str) -> str:
    return code if code.isascii() and code.isdecimal() else "unknown"
