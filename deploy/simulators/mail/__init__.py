"""A mail server of the local stack: takes everything, delivers nothing, shows what it took."""
