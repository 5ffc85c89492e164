"""Carries out a plan against an account and its sinks, change by change."""

from lebots.run.executor.objects import CONFLICT_TRIES
from lebots.run.executor.walk import INTERRUPTED, Executor, Held

__all__ = ["CONFLICT_TRIES", "INTERRUPTED", "Executor", "Held"]
