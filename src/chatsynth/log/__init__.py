"""The durable channel log: append in the caller's transaction, read back any part, prune what is old."""
