"""身份 identity: users, positions, duties, data scope, sessions, tokens and the three officers."""
