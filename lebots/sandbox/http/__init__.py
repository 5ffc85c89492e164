"""Requests and answers: hosts, routes, forms, faults, and the server."""
