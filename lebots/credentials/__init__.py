"""Where generated secrets go: one module per kind of sink, behind the protocol of ``core.ports``."""

from lebots.core.ports import Credential, Sink

__all__ = ["Credential", "Sink"]
