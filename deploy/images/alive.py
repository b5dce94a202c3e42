"""Health check of a worker's container: does the worker in it still talk to the queue?

A worker asks the queue for work several times a second, and beats while it works. Valkey knows for how long each of its
clients has been silent; a client that comes from our own address and spoke lately is our worker, alive.
Exit status 0 when there is one, 1 when not. A queue that cannot be reached is the queue's illness, not the worker's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping

import redis

SILENT_S = 30


def speaks(clients: Iterable[Mapping[str, str]], own_id: int) -> bool:
    """Whether another client from the address of client `own_id` spoke within the last 30 seconds."""
    known = {int(client["id"]): client for client in clients}
    host = known[own_id]["addr"].rpartition(":")[0]
    others = (client for number, client in known.items() if number != own_id)
    return any(client["addr"].rpartition(":")[0] == host and int(client["idle"]) <= SILENT_S for client in others)


def main() -> int:
    try:
        with redis.Redis.from_url(os.environ["VALKEY_URL"], socket_timeout=5, socket_connect_timeout=5) as queue:
            return 0 if speaks(queue.client_list(), queue.client_id()) else 1
    except redis.RedisError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
