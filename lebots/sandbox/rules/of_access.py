"""Rows of the table of behaviours: hosts, logging in, and what callers may do."""

from __future__ import annotations

from lebots.sandbox.rules.labels import DOC, GUESS, OBS

HOSTS = (
    (DOC, "1.1", "The Domain API asks for no login; its parameter is `version`, which is 1.0"),
    (GUESS, "1.1", "`version` may be left out", "hosts_version"),
    (OBS, "1.1", "It also answers without the suffix .json, and under /csdr"),
    (OBS, "1.1", "Older clients ask it over plain HTTP, so it answers there too on a port of HTTPS;"
                  " all else is a 400 there, as a credential must not travel in clear"),
    (DOC, "1.2", "All services come as a list, one service as a bare object (its page prints the"
                  " list)", "single_service"),
    (OBS, "1.4", "The base URIs that matter are bare hosts, here the one the request came to;"
                  " others carry a scheme, a port, a path or a slash"),
    (GUESS, "12 no. 25", "An account that does not exist has no hosts",
     "hosts_of_unknown_account"),
    (GUESS, "1.5", "A service that does not exist is refused", "hosts_of_unknown_service"),
)  # fmt: skip

TOKENS = (
    (DOC, "2.2", "Client credentials in a form body give an application a Bearer for an hour; its"
                  " text is a JWT (signed with HS256 here, with RS256 by LivePerson)"),
    (OBS, "2.2", "They are also taken from the query string, as some clients send them"),
    (OBS, "2.2", "expires_in is a number (text in one client)", "expires_in"),
    (DOC, "2.2", "Tokens of version 1 are for the Connector API, so no good here", "v1_tokens"),
    (GUESS, "3.5", "A refused token request looks as in RFC 6749; wrong credentials are a 401",
     "invalid_client_status"),
    (GUESS, "5a", "An application without grant_types may use client credentials",
     "absent_grant_types"),
)  # fmt: skip

LOGIN = (
    (DOC, "8.2", "People log in with a password, bots with the four values of a key"),
    (GUESS, "8.2", "The two placeholders of an OAuth 2 key may be any text",
     "login_placeholders"),
    (GUESS, "0.1", "OAuth 1 keys still log bots in, past their announced end", "oauth1_login"),
    (DOC, "8.4", "A bot's login needs: the feature on; the user enabled, a bot, an API user with"
                  " this key in allowedAppKeys; the key enabled and the caller in its ipRanges"),
    (DOC, "8.5", "Wrong account, user or credentials are one 401, in a nested body"),
    (DOC, "8.6", "A user has one session: a login ends the one before, and its bearer is a 401"),
    (DOC, "8.6", "A session lasts 8 hours; refresh starts them anew, logout ends them"),
    (DOC, "8.3", "The session cookie is Session_id (session_id in one client)",
     "session_cookie"),
    (DOC, "8.5", "Refresh and logout with a wrong csrf or cookie are a 401 with internalCode 10"),
    (DOC, "8.5", "Who is blocked by LivePerson Support gets a 451; nobody is here",
     "login_blocked"),
    (DOC, "8.5", "Too many logins of one user are a 429; how many is unknown (0: no limit; 1: one"
                  " in 5 s)", "login_rate"),
    (DOC, "9.4", "Failed logins in a row disable the user; how many is unknown (0: never)",
     "login_lockout"),
    (GUESS, "8.6", "Disabling or deleting a user or an application ends its access at once",
     "access_after_disable"),
)  # fmt: skip

SIGNATURES = (
    (DOC, "2.5", "Requests signed with the four values of an app key (HMAC-SHA1) act for the"
                  " site"),
    (GUESS, "0.1", "Signatures still work, past their announced end", "oauth1_signatures"),
    (OBS, "2.5", "Signing without a token (two values) works, as one old tool does",
     "two_value_signatures"),
    (OBS, "2.5", "Failures are a 401 whose text begins with oauth_problem"),
    (GUESS, "2.5", "A nonce that was used is refused", "nonce_replay"),
    (GUESS, "2.5", "A timestamp more than 300 seconds off is refused (0: not looked at)",
     "timestamp_window"),
)  # fmt: skip

RIGHTS = (
    (OBS, "3.4", "A missing right is a 403 whose message speaks of a privilege error"),
    (DOC, "9.3", "Users are written by administrators and campaign managers; the other"
                  " collections by administrators whose profile has their permission package"),
    (GUESS, "9.3", "Campaign managers write nothing but users", "campaign_manager_writes"),
    (DOC, "7.1", "Agent managers write only users inside their own groups"),
    (GUESS, "2.1", "Users who are agents only may not read account configuration",
     "agent_reads"),
    (DOC, "9.3", "Of users, only administrators see and install applications"),
    (GUESS, "12 no. 21", "Access tokens and signatures may see and install applications too",
     "installations_credential"),
    (GUESS, "5b", "Access tokens and signatures may read app keys, as bearers of users can",
     "app_keys_credential"),
    (DOC, "2.2", "An access token needs scope users.external for users (users.read and"
                  " users.write on an older page)", "users_scope"),
    (OBS, "2.1", "Access tokens work on skills, whatever their scope"),
    (GUESS, "2.1", "They work on profiles, groups and LOBs as well", "tokens_on_lookups"),
)  # fmt: skip
