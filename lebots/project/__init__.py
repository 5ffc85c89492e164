"""Reads the project file, and the values that it names from the environment, files or commands.

Secrets never stand in the file: it names where they are, and ``resolve`` reads them when a run
needs them.
"""

from lebots.project.children import know_secrets
from lebots.project.config import AccountConfig, Project, load, parsed
from lebots.project.plan_key import plan_key
from lebots.project.schema import METHODS, project_schema
from lebots.project.scope import scope_findings
from lebots.project.sinks import SinkConfig
from lebots.project.values import AuthConfig, ValueSource, resolve, resolve_all

__all__ = [
    "METHODS",
    "AccountConfig",
    "AuthConfig",
    "Project",
    "SinkConfig",
    "ValueSource",
    "know_secrets",
    "load",
    "parsed",
    "plan_key",
    "project_schema",
    "resolve",
    "resolve_all",
    "scope_findings",
]
