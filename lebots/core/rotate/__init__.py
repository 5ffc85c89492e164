"""The rotation of a key: its state in the account, and the plan of what is left."""
