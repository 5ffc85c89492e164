"""Manifests from live objects; imports the planner and all below."""
