"""What `action.yml` runs: lebots in a GitHub workflow, with the standard library alone."""
