"""Desired against live: match, difference, order, renames, digest; imports vendor, model."""
