"""Private files: the sink that writes them, their folder, and the forms of their text."""
