"""What a user would name. A lower one never imports a higher one; the ladder is in pyproject.toml."""
