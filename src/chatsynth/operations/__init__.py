"""For whoever runs the server: metrics, and how it stands in words."""
