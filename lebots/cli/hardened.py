"""What no process that holds secrets may leave behind."""

import os
from contextlib import suppress


def harden() -> None:
    """Switches off core dumps, and the file of session keys that TLS libraries would write."""
    os.environ.pop("SSLKEYLOGFILE", None)
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
