"""Error codes of the database server and its client library."""

# The connection has ended, and the server rolls back what it had received, except a COMMIT.
# Client: 2006 the server has gone away, 2013 and 2055 connection lost. Server: 4031 closed because
# the connection was idle, 1927 connection killed, 1053 the server is shutting down.
LOST = frozenset({2006, 2013, 2055, 4031, 1927, 1053})
# Those after which the server may have executed the last packet. 2006 is an error of sending it,
# and 4031 was sent by the server before it was.
LOST_AFTER_SENDING = LOST - {2006, 4031}
# The server could not be connected to. Client: 2002 and 2003 no connection, 2005 unknown host, 2012
# handshake, 2026 TLS. Server: 1040 and 1203 too many connections, 1129 host blocked, 1042 and 1043
# handshake, 1044 and 1045 access denied, 1049 unknown database.
REFUSED = frozenset(
    {2002, 2003, 2005, 2012, 2026, 1040, 1042, 1043, 1044, 1045, 1049, 1129, 1203, 1226}
)
# The statement was ended: 1969 (MariaDB) and 3024 its time was up, 1317 killed, 3168 the server
# cannot tell why.
ENDED = frozenset({1969, 3024, 1317, 3168})
# The server cannot write: 1021 and 1114 full, 1037, 1038 and 1041 out of memory, 1290 and 1836
# read-only (a failover), 1158 to 1161 the network.
UNABLE = frozenset({1021, 1114, 1037, 1038, 1041, 1290, 1836, 1158, 1159, 1160, 1161})
# InnoDB: 1213 deadlock found, 1205 lock wait timeout, 1020 (MariaDB) record has changed since last
# read. The transaction may succeed if it is run again.
TRANSIENT = frozenset({1213, 1205, 1020})
