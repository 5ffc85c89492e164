"""``python -m lebots``."""

from lebots.cli import main

main()
