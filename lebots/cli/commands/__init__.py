"""One file, one verb: each parses, hands over to a run, prints and exits."""
