"""Signed webhooks after Standard Webhooks 1.0.0: signatures both ways, and the sending side of every service."""
