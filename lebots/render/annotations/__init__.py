"""Findings and changes on the lines of a code host: workflow commands and SARIF."""
