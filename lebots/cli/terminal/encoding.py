"""Names are UTF-8 everywhere: in manifests, in file names, in what programs are handed."""

import os
import sys


def in_utf8() -> None:
    """Begins this process anew where file names and arguments would be something else than UTF-8.

    Python 3.15 does so by itself (PEP 686). Only in such a locale is there a second start.
    """
    if sys.getfilesystemencoding() == "utf-8" or sys.flags.utf8_mode or not sys.executable:
        return
    arguments = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
    os.execv(sys.executable, arguments)  # noqa: S606 - the very program that runs now
