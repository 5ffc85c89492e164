"""Private files: the folder they lie in, and the forms of their text."""
