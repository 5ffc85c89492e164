"""lebots: the bots of a LivePerson account, kept in git."""

__version__ = "0.1.0"
