"""Django's backend for MySQL and MariaDB, with fewer round trips and cheaper dates (ENGINE core.mysql)."""
