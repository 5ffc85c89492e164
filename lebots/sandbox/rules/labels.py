"""How sure anybody is of a behaviour of the vendor."""

from __future__ import annotations

from typing import Final, Literal

Label = Literal["documented", "observed", "guessed"]
"""LivePerson says so; seen in an answer or in what public clients do; inferred or unknown."""

DOC: Final = "documented"
OBS: Final = "observed"
GUESS: Final = "guessed"
