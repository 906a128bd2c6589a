"""Framework glue shared by every app: errors, lists, fields, views. It knows no app."""
