"""lebots keeps the bots of a LivePerson account in git."""

__version__ = "0.1.0"
