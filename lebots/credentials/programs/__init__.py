"""Programs that keep secrets: how they are run, and what they are asked."""
