"""Services narrate: only they open transactions, and none is open while the network is used."""
