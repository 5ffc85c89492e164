"""Manifests in from YAML with the place of every value, and out again; decides nothing."""
