"""A finance system and its collecting bank, simulated: `python -m deploy.simulators.bank` (see docs/gateway-guide.md)."""
