"""The collections of the account, a file each; they import objects alone."""
