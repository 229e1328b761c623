"""The database: records in, records out."""
