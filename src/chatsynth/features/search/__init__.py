"""Finding chats and messages by what stands in them."""
