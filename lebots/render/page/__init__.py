"""A plan as one HTML page that loads nothing; the only room that writes HTML."""
