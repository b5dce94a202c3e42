"""Ways to a person: a text goes to a telephone or a mailbox through somebody else's machines."""
