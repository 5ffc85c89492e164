"""Plans, outcomes and findings as text for people and as JSON for machines; nothing here prints."""
