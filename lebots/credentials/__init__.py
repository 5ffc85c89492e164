"""Where generated secrets go: a module per kind of sink, behind the protocol in ``core.ports``."""

from lebots.core.model.ports import Credential, Sink

__all__ = ["Credential", "Sink"]
