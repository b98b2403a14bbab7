"""People, how they sign in, and what ends a sign-in."""
