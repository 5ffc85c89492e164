"""Plans, outcomes and findings as plain text, for terminals and logs."""
