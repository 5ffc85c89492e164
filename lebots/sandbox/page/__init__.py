"""The account for people: the page for looking, and its words."""
