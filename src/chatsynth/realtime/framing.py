"""One outgoing WebSocket text frame (RFC 6455, section 5.2), made once and written to any number of transports."""

import struct

FIN_AND_TEXT = 0x81


def text_frame(payload: bytes) -> bytes:
    """The unmasked, unfragmented text frame that carries `payload` (UTF-8)."""
    size = len(payload)
    if size < 126:
        return bytes((FIN_AND_TEXT, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", FIN_AND_TEXT, 126, size) + payload
    return struct.pack("!BBQ", FIN_AND_TEXT, 127, size) + payload
