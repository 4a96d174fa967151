"""Starting this package starts the application: a migration must not need that."""
