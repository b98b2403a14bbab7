"""How large an export and what is in it may be, so that a hostile one costs its own import and nothing else."""

from dataclasses import dataclass

_MIB = 2**20
_GIB = 2**30


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are bytes of JSON as it is read, counted while reading: what an archive says of itself is not believed.

    Beyond the first four a conversation is left out and the rest imported; beyond the others the import is refused.
    Exports of 6 GB with media and single conversations of 20 MB are known; text is packed about 10:1, a bomb 1000:1.
    """

    max_conversation_bytes: int = 256 * _MIB
    max_conversation_values: int = 10_000_000
    """Commas and brackets above this are not parsed: three bytes of JSON can make an object of 60."""
    max_messages: int = 200_000
    """In one conversation."""
    max_detection_bytes: int = 256 * _MIB
    """Of a file that begins with items which tell nothing."""
    max_total_bytes: int = 16 * _GIB
    max_file_bytes: int = 8 * _GIB
    max_ratio: int = 250
    """Of unpacked to packed size, once `ratio_applies_above` bytes of a file are read."""
    ratio_applies_above: int = 32 * _MIB
    max_files: int = 100_000
    max_directory_bytes: int = 64 * _MIB
    """Of the list of files at the end of a zip, which has to be held in memory."""
    max_conversations: int = 500_000
