"""The rotation of a key: how far it came, and the plan of what is left."""
