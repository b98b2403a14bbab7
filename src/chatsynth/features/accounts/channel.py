"""The channel of one person's list of chats and notifications."""


def user_channel(user_id: int) -> str:
    return f"user:{user_id}"
