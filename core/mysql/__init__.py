"""A backend for MySQL and MariaDB with fewer round trips and faster dates (ENGINE core.mysql)."""
