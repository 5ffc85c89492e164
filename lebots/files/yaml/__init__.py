"""YAML in with the place of every value, and out again; imports core and errors."""
