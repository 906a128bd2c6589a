"""Error codes of the database server and its client library."""

# Client: 2006 the server has gone away, 2013 connection lost.
# Server: 4031 closed because the connection was idle.
LOST = frozenset({2006, 2013, 4031})
