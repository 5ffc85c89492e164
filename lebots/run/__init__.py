"""A run from its inputs to its record: approve, carry out, prove; imports all but the cli."""
