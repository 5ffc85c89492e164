"""What no manifest declares any more: which of it is taken out of use, and in what steps."""
