"""What changes of a key do to who can log in, and to what they reach."""

from lebots.core.model.change import (
    BECOMES_FALSE,
    CHANGES,
    GAINS,
    IS_NAMED,
    Condition,
    Effect,
    FieldEffect,
)
from lebots.kinds._key_rules import lets_bots_log_in

SERVICE = (FieldEffect(Effect.OUT_OF_SERVICE, BECOMES_FALSE, "nobody can log in with it any more"),)
GRANT_TYPES = (
    FieldEffect(Effect.GRANTS, GAINS, "can get tokens in one more way"),
    FieldEffect(
        Effect.OUT_OF_SERVICE,
        Condition(
            "lets no bot log in any more",
            lambda before, after, _: lets_bots_log_in(before) and not lets_bots_log_in(after),
        ),
        "no bot can log in with it any more, since that needs client_credentials",
    ),
)
REACH = (FieldEffect(Effect.GRANTS, GAINS, "may do more, and so may whoever holds it"),)
REDIRECTS = (FieldEffect(Effect.GRANTS, GAINS, "sends logins to one more address", on_create=True),)
RESPONSES = (FieldEffect(Effect.GRANTS, GAINS, "gives out tokens in one more way"),)
ENTRY = (FieldEffect(Effect.GRANTS, CHANGES, "opens another address to people of the account"),)
VISIBLE = (FieldEffect(Effect.GRANTS, GAINS, "is shown to one more role"),)
SECRET = (
    FieldEffect(
        Effect.NEW_SECRET, IS_NAMED, "whoever reads the sink can log in with it", on_create=True
    ),
)
