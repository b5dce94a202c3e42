"""Facts and rules of notices and money; pure."""
