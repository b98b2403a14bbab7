"""Every table of the product in one `metadata`, which the migrations are compared with."""

from chatsynth.database.metadata import metadata
from chatsynth.features.accounts import tables as accounts
from chatsynth.features.chats import tables as chats
from chatsynth.features.imports import tables as imports
from chatsynth.features.notifications import tables as notifications
from chatsynth.log import tables as log

__all__ = ["accounts", "chats", "imports", "log", "metadata", "notifications"]
