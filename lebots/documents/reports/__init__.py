"""What commands that change nothing print for machines: comparisons, checks, waiting rotations."""
