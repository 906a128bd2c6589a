"""Migrations that can be deployed while the previous release is serving, on MySQL and MariaDB."""
