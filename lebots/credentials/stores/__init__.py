"""Stores on the network that number their versions; each imports its library when used."""
