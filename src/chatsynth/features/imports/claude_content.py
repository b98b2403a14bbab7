"""What the blocks of a Claude message become: text to edit, and parts."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from chatsynth.features.imports.canonical import (
    Artifact,
    Audio,
    Citation,
    Error,
    File,
    Image,
    Thinking,
    ToolCall,
    ToolResult,
)
from chatsynth.features.imports.claude_artifacts import Documents, command_of
from chatsynth.features.imports.json_values import dump
from chatsynth.features.imports.message_body import Body
from chatsynth.features.imports.source_values import fields, first_name, integer, items, name, text, web_address
from chatsynth.features.imports.text_cleaning import clean_text, utf16_length

_BOOKKEEPING = frozenset({"token_budget", "flag"})
_IMAGE_NAMES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".heic")
_CODE_INPUTS = (("code", "javascript"), ("command", "bash"))


def read_content(body: Body, message: Mapping[str, object], documents: Documents) -> None:
    """Fills the body from a message, whose commands change `documents`.

    `text` repeats the text blocks, but has placeholders where other blocks are, so it only counts when nothing else is
    there, as in older exports.
    """
    _read_attachments(body, message)
    blocks = items(message.get("content"))
    titles = _titles_of_pages(blocks)
    wrote = len(body.parts)
    for block in blocks:
        _read_block(body, block, titles, documents)
    if not body.text and len(body.parts) == wrote:
        body.say(text(message.get("content")) or text(message.get("text")))


def _read_attachments(body: Body, message: Mapping[str, object]) -> None:
    for attached in map(fields, items(message.get("attachments"))):
        if attached:
            size = integer(attached.get("file_size"))
            kind, content = name(attached.get("file_type")) or None, text(attached.get("extracted_content")) or None
            label = name(attached.get("file_name")) or "Pasted text"
            body.add(File(0, label, size=size, mime_type=kind, text=content))
    for file in map(fields, items(message.get("files")) or items(message.get("files_v2"))):
        label = first_name(file.get("file_name"), file.get("file_uuid"), file.get("uuid"))
        if label and (file.get("file_kind") == "image" or label.lower().endswith(_IMAGE_NAMES)):
            body.add(Image(0, label, ""))
        elif label:
            body.add(File(0, label, size=integer(file.get("file_size"))))


def _read_block(body: Body, block: object, titles: Mapping[str, str], documents: Documents) -> None:
    values = fields(block)
    kind = name(values.get("type"))
    if isinstance(block, str):
        body.say(text(block))
    elif kind == "text":
        _read_text(body, values, titles)
    elif kind == "tool_use" and (command := command_of(name(values.get("name")), fields(values.get("input")))):
        _read_command(body, values, command, documents)
    elif kind in _BOOKKEEPING:
        body.count(kind)
    elif reader := _READERS.get(kind):
        reader(body, values)
    elif block is not None:
        body.add_unknown(f"block: {kind or type(block).__name__}", block)


# Text -------------------------------------------------------------------------------------------


def _read_text(body: Body, block: Mapping[str, object], titles: Mapping[str, str]) -> None:
    written = block.get("text")
    if not isinstance(written, str):
        return
    start = body.next_text_at if block.get("citations") else 0
    body.say(clean_text(written))
    body.add(*_citations(written, start, block, titles))


def _citations(written: str, start: int, block: Mapping[str, object], titles: Mapping[str, str]) -> Iterator[Citation]:
    """Each stands where the passage ends that it backs. The export counts that in characters of the text as it came."""
    at = end_before = 0
    for citation in sorted(map(fields, items(block.get("citations"))), key=_end_of):
        end = min(_end_of(citation), len(written))
        at += utf16_length(clean_text(written[end_before:end]))
        end_before = end
        page = _page(citation, titles)
        if page is not None:
            yield Citation(start + at, *page)


def _end_of(citation: Mapping[str, object]) -> int:
    return integer(citation.get("end_index")) or 0


def _page(citation: Mapping[str, object], titles: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Title, URL and quoted text of what is cited, from wherever they are; None when nothing tells what it is."""
    places = [citation, fields(citation.get("details")), fields(citation.get("metadata"))]
    places += map(fields, items(citation.get("sources")))
    url = next((found for place in places if (found := web_address(place.get("url")))), "")
    given = first_name(*(place.get(key) for place in places for key in ("title", "preview_title", "source")))
    title = given or titles.get(url, "") or url
    quoted = next((found for place in places if (found := text(place.get("cited_text")))), "")
    return (title, url, quoted) if title else None


def _titles_of_pages(blocks: Sequence[object]) -> Mapping[str, str]:
    """The titles of the pages that the tools of this message found, by URL: citations name only the URL."""
    found = (fields(item) for block in blocks for item in items(fields(block).get("content")))
    return {name(page.get("url")): name(page.get("title")) for page in found if page.get("url")}


def _read_thinking(body: Body, block: Mapping[str, object]) -> None:
    summaries = (text(fields(summary).get("summary")) for summary in items(block.get("summaries")))
    summary = "\n\n".join(filter(None, summaries))
    written = text(block.get("thinking")) or text(block.get("text"))
    if written or summary:
        body.add(Thinking(body.at, written, summary=summary or None))


def _read_voice_note(body: Body, block: Mapping[str, object]) -> None:
    body.add(Audio(body.at, name(block.get("title")) or None, text(block.get("text")) or None))


# Tools ------------------------------------------------------------------------------------------


def _read_command(body: Body, block: Mapping[str, object], command: Mapping[str, object], documents: Documents) -> None:
    written = documents.replay(command)
    if written is None:
        _read_tool_use(body, block)
    else:
        body.add(Artifact(body.at, written.title, written.kind, written.text))


def _read_tool_use(body: Body, block: Mapping[str, object]) -> None:
    given = fields(block.get("input"))
    label = name(block.get("name")) or "tool"
    for key, language in _CODE_INPUTS:
        code = given.get(key)
        if isinstance(code, str) and label != "artifacts" and set(given) <= {key, "description", "language"}:
            body.add(ToolCall(body.at, label, text(code), language=name(given.get("language")) or language))
            return
    written = dump(block.get("input")).decode() if block.get("input") not in (None, {}, "") else ""
    body.add(ToolCall(body.at, label, written or text(block.get("message")), language="json" if written else None))


def _read_tool_result(body: Body, block: Mapping[str, object]) -> None:
    content = block.get("content")
    results = [{"type": "text", "text": content}] if isinstance(content, str) else items(content)
    written = "\n\n".join(filter(None, (_text_of_result(fields(result)) for result in results)))
    failed = block.get("is_error") is True
    written = written or text(fields(block.get("display_content")).get("text")) or text(block.get("message"))
    body.add(ToolResult(body.at, written, name=name(block.get("name")) or None, is_error=failed))
    for result in results:
        _read_result(body, result)


def _text_of_result(result: Mapping[str, object]) -> str:
    match name(result.get("type")):
        case "text":
            return text(result.get("text"))
        case "knowledge":
            return "\n".join(filter(None, (text(result.get(key)) for key in ("title", "url", "text"))))
        case _:
            return ""


def _read_result(body: Body, result: object) -> None:
    values = fields(result)
    kind = name(values.get("type"))
    label = first_name(values.get("name"), values.get("file_name"), values.get("file_path"), values.get("file_uuid"))
    match kind:
        case "text" | "knowledge":
            pass
        case "image":
            body.add(Image(body.at, label or "image", ""))
        case "local_resource" | "file":
            body.add(File(body.at, label or "file", mime_type=name(values.get("mime_type")) or None))
        case _:
            body.add_unknown(f"tool result: {kind or type(result).__name__}", result)


def _read_image(body: Body, block: Mapping[str, object]) -> None:
    source = fields(block.get("source"))
    label = first_name(block.get("file_name"), block.get("file_uuid"), source.get("file_uuid"))
    body.add(Image(body.at, label or "image", text(block.get("alt_text"))))


def _read_error(body: Body, block: Mapping[str, object]) -> None:
    body.add(Error(body.at, name(block.get("name")) or "error", text(block.get("text")) or text(block.get("message"))))


_READERS: Mapping[str, Callable[[Body, Mapping[str, object]], None]] = {
    "thinking": _read_thinking,
    "voice_note": _read_voice_note,
    "tool_use": _read_tool_use,
    "tool_result": _read_tool_result,
    "image": _read_image,
    "error": _read_error,
}
