"""What lebots writes for machines: plan, outcome, drift, receipt; a table each, with its schema."""
