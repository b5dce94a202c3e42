"""Pure: no network, no database, no clock of its own."""
