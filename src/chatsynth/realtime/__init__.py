"""The live core: frames, sessions, connections, fan-out and presence. Knows no chats, no SQL and no web framework."""
