"""The schema of manifests, and words for what is wrong; imports vendor and model."""
