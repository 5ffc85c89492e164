"""One file for each command: it parses, calls a run, prints and exits."""
