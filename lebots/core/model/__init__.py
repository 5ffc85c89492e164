"""The values that travel, a file each; they show no secret and import errors alone."""
