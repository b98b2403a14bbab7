"""Text as the library keeps it, and how long it is for a browser."""


def clean_text(text: str) -> str:
    """Line ends become "\\n", NULs go (PostgreSQL refuses them), a lone surrogate becomes U+FFFD."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def utf16_length(text: str) -> int:
    """The length in UTF-16 code units, as JavaScript counts. Lone surrogates count as one."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
