"""How sure anybody is of a behaviour, and the toggles of what nobody knows."""
