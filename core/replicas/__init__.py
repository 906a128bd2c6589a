"""Reads from replicas of the primary database that always include a person's own writes.

Each write increments its writer's version (`Written`) in the same transaction. Authentication
reads the caller and their version from the primary, and a replica may serve the request if it
holds that version. No clock and no measured lag is involved, so this is correct however long a
replica lags. The heartbeat limits how late the writes of others are seen.

Enabled by `DATABASE_REPLICA_URLS`. Without it there is no router and this package does nothing.
"""
