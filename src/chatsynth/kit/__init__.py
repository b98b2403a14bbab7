"""Small things that every layer may use and that know nothing of any layer."""
