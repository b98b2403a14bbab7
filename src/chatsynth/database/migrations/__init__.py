"""The schema's history, shipped with the package: each file of versions/ is one step."""
