"""Asks actionlint about workflows: ``python -m tests.actionlint FILES``."""
