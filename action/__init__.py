"""What `action.yml` runs: lebots in a GitHub workflow."""
