"""Says in plain words what is wrong with this server's settings, database and surroundings, and what to do about it."""
