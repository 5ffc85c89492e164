"""Who asks: logins, sessions, tokens, signatures and rights of the served account."""
