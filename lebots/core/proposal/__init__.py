"""A change of the manifests: its fields, its digest, and a plan kept to it."""
