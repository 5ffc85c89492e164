"""Reads git without a checkout, and asks it what it ignores; imports files and what is below."""
