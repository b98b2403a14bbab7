"""The composition root: settings in, the whole application out."""

from chatsynth.features.chats.handlers import CHAT_HANDLERS
from chatsynth.features.chats.wire import CHAT_COMMANDS
from chatsynth.features.notifications.handlers import NOTIFICATION_HANDLERS
from chatsynth.features.notifications.wire import NOTIFICATION_COMMANDS
from chatsynth.features.sharing.handlers import SHARING_HANDLERS
from chatsynth.features.sharing.wire import SHARING_COMMANDS

COMMANDS = (*CHAT_COMMANDS, *NOTIFICATION_COMMANDS, *SHARING_COMMANDS)
HANDLERS = {**CHAT_HANDLERS, **NOTIFICATION_HANDLERS, **SHARING_HANDLERS}
