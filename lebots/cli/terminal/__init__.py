"""What a terminal or a runner is told, and the options that commands share."""
