"""The start page, the API's root, schema and docs, and health. All are open to everyone."""
