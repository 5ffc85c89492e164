"""The vendor's side: requests, answers and what they mean."""
