"""Everything that is open to everyone: the start page, the API's root, schema and docs, health."""
