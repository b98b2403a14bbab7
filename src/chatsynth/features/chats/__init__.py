"""Chats as trees of messages: read, edit, restructure, live."""
