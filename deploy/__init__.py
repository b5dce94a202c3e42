"""What runs the services: the local stack, the containers, the database roles."""
