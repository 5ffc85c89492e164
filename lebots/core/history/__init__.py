"""What earlier runs and git tell: receipts, the origin of each difference, drift."""
