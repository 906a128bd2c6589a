"""Reads from replicas of the primary database, in which nobody ever misses what they wrote themselves.

Every write counts up its writer's row in the same transaction (`Written`); who asks is looked up on the primary, count
included; a replica may answer once it holds that count. No clock and no measured lag is trusted for that, so it stays
true however long a replica lags. The heartbeat bounds how late the writes of others may be seen.

`DATABASE_REPLICA_URLS` turns it on. Without it there is no router, and nothing here does anything.
"""
