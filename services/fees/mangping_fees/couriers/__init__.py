"""How people are told: one port, one module a provider."""
