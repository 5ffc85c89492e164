"""Output for a terminal or a runner, and the options that commands share."""
