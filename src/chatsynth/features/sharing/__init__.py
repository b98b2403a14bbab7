"""Who may see and edit a chat."""
