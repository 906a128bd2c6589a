"""A backend for PostgreSQL whose connections have limits of time (ENGINE core.postgres)."""
