"""Error codes of the server and of its client library."""

# Client: 2006 the server has gone away, 2013 connection lost. Server: 4031 closed after idling.
LOST = frozenset({2006, 2013, 4031})
