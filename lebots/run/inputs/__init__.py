"""What a run begins with: project, account, sinks, manifests, and the state of git."""
