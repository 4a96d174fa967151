"""omcops beside the real Alembic: the same revision files, two tools, one comparison."""
