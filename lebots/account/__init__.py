"""Requests to an account, and what the answers mean."""
