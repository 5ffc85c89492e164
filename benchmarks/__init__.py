"""How fast lebots is on the embedded account; ``make bench``, never part of the tests."""
