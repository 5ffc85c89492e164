"""Pruning of unmanaged objects: which ones, and in what steps."""
