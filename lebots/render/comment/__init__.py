"""Plans and outcomes as a comment on a pull request, within a host's size."""
