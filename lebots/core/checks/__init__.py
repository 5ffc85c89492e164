"""What stands against a plan or is worth saying of it; imports compare and below."""
