"""The live, shared library of your AI chats."""

__version__ = "0.1.0"
