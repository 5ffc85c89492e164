"""Carries out a plan against an account and its sinks, change by change."""

from lebots.executor.objects import CONFLICT_TRIES
from lebots.executor.walk import INTERRUPTED, Executor, Held

__all__ = ["CONFLICT_TRIES", "INTERRUPTED", "Executor", "Held"]
