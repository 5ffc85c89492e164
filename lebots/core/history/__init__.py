"""Receipts, the origin of each difference, and drift."""
