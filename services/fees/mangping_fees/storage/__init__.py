"""What is remembered; every function runs inside a transaction that a service opened."""
