"""What every collection shares: resources, fields, the store and the operations on them."""
