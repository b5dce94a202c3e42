"""What callers send and get, noun by noun; wire.py holds what every noun shares."""
