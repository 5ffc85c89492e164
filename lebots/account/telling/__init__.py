"""What people are told of requests, waits and trouble on the way."""
