"""What ChatGPT's kinds of content become: text to edit, and parts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chatsynth.features.imports.canonical import (
    Audio,
    Badge,
    Citation,
    Code,
    Error,
    File,
    Image,
    Role,
    Thinking,
    ToolCall,
    ToolResult,
)
from chatsynth.features.imports.chatgpt_canvas import Canvas
from chatsynth.features.imports.chatgpt_citations import has_marks, take_out_marks
from chatsynth.features.imports.message_body import Body
from chatsynth.features.imports.source_values import fields, first_name, integer, items, name, text, web_address
from chatsynth.features.imports.text_cleaning import clean_text

_LITTLE_SAID = ("", "unknown")


@dataclass(slots=True)  # not frozen, which would cost a third more for each of a million messages
class Source:
    """The message around a content."""

    content: Mapping[str, object]
    content_type: str
    metadata: Mapping[str, object]
    role: Role
    recipient: str
    author: str | None

    @property
    def is_tool_call(self) -> bool:
        return (
            self.recipient not in ("", "all") and self.role == "assistant" and self.content_type in ("text", "code", "")
        )


def plain_text(source: Source) -> str | None:
    """The text of a message that is nothing but a text, as most are; None of any other, which `read_content` reads."""
    parts = source.content.get("parts")
    if source.content_type != "text" or not isinstance(parts, list) or len(parts) != 1:
        return None
    written = parts[0]
    if not isinstance(written, str) or source.role == "tool" or source.is_tool_call:
        return None
    if source.metadata.get("attachments"):
        return None
    if source.role != "user" and (source.metadata.get("citations") or has_marks(written)):
        return None
    return clean_text(written)


def read_content(body: Body, source: Source) -> None:
    """Fills the body from the content of a message, whatever it is. Calls of tools are read by `read_tool_call`."""
    attachments = _Attachments(source.metadata.get("attachments"))
    if source.content_type.startswith("computer") or "screenshot" in source.content:
        _read_computer(body, source)
    elif reader := _READERS.get(source.content_type):
        reader(body, source, attachments)
    else:
        body.add_unknown(source.content_type, source.content)
    body.add_before(attachments.left_over())


# Text and media ---------------------------------------------------------------------------------


class _Attachments:
    """The files of a message. An image that also stands in the text is shown there and not a second time."""

    def __init__(self, listed: object) -> None:
        self._files = [file for file in map(fields, items(listed)) if file] if listed else []
        self._names = {text(file.get("id")): name(file.get("name")) for file in self._files}
        self._shown: set[str] = set()

    def name_of(self, pointer: str) -> str:
        """The name that a file had when it was sent, for a pointer like `sediment://file_abc`."""
        file_id = pointer.rpartition("://")[2]
        self._shown.add(file_id)
        return self._names.get(file_id) or name(file_id)

    def left_over(self) -> Iterable[File | Image]:
        for file in self._files:
            file_id = text(file.get("id"))
            if file_id and file_id in self._shown:
                continue
            label = first_name(file.get("name"), file_id) or "attachment"
            mime_type = first_name(file.get("mime_type"), file.get("mimeType")) or None
            if mime_type and mime_type.startswith("image/"):
                size = integer(file.get("width")), integer(file.get("height"))
                yield Image(0, label, "", width=size[0], height=size[1])
            else:
                yield File(0, label, size=integer(file.get("size")), mime_type=mime_type)


def _read_parts(body: Body, source: Source, attachments: _Attachments) -> None:
    listed = items(source.content.get("parts"))
    for part in listed:
        if isinstance(part, str):
            _say(body, source, part)
        elif part is not None:
            _read_part(body, source, attachments, fields(part), part)
    if not listed:
        for key in ("parts", "text"):  # seen as a plain string in captures
            written = source.content.get(key)
            _say(body, source, written if isinstance(written, str) else "")


def _say(body: Body, source: Source, written: str) -> None:
    if source.role == "user":  # what a person typed stays as it is, marks among it
        body.say(text(written))
        return
    if source.role == "tool":
        _report(body, source, text(written))
        return
    shown, citations = take_out_marks(written, source.metadata)
    start = body.next_text_at if citations else 0
    body.say(shown)
    body.add(*(replace(citation, at=start + citation.at) for citation in citations))


def _read_part(
    body: Body, source: Source, attachments: _Attachments, part: Mapping[str, object], original: object
) -> None:
    kind = name(part.get("content_type")) or name(part.get("type"))
    match kind:
        case "image_asset_pointer":
            body.add(_image(body.at, part, attachments))
        case "audio_asset_pointer":
            body.add(Audio(body.at, attachments.name_of(text(part.get("asset_pointer"))) or None))
        case "real_time_user_audio_video_asset_pointer":
            _read_voice_and_video(body, part, attachments)
        case "audio_transcription" | "text":
            _say(body, source, text(part.get("text")))
        case _:
            body.add_unknown(f"part: {kind or type(original).__name__}", original)


def _read_voice_and_video(body: Body, part: Mapping[str, object], attachments: _Attachments) -> None:
    audio = fields(part.get("audio_asset_pointer"))
    body.add(Audio(body.at, attachments.name_of(text(audio.get("asset_pointer"))) or None))
    for frame in items(part.get("frames_asset_pointers")):
        pointer = fields(frame) or {"asset_pointer": frame}
        body.add(_image(body.at, pointer, attachments))
    if video := name(part.get("video_container_asset_pointer")):
        body.add(File(body.at, attachments.name_of(video)))


def _image(at: int, pointer: Mapping[str, object], attachments: _Attachments) -> Image:
    metadata = fields(pointer.get("metadata"))
    alt = text(fields(metadata.get("dalle")).get("prompt"))
    label = attachments.name_of(text(pointer.get("asset_pointer"))) or "image"
    return Image(at, label, alt, width=integer(pointer.get("width")), height=integer(pointer.get("height")))


# Tools ------------------------------------------------------------------------------------------


def read_tool_call(body: Body, source: Source, canvas: Canvas, key: str) -> None:
    """Fills the body from a call of a tool in the message at `key`."""
    written = _all_text(source.content)
    document = canvas.replay(key, source.recipient, written)
    if document is not None:
        body.add(document)
    elif written:
        body.add(ToolCall(0, source.recipient, written, language=_language_of_call(source, written)))


def _language_of_call(source: Source, written: str) -> str | None:
    if source.recipient == "python":
        return "python"
    return "json" if written[:1] in ("{", "[") else _language(source.content) or None


def _report(body: Body, source: Source, written: str) -> None:
    """What a tool answered."""
    if written and not written.isspace():
        body.add(ToolResult(body.at, written, name=source.author))


def _read_code(body: Body, source: Source, _: _Attachments) -> None:
    if code := _all_text(source.content):
        body.add(Code(body.at, _language(source.content), code))


def _language(content: Mapping[str, object]) -> str:
    language = name(content.get("language"))
    return "" if language in _LITTLE_SAID else language


def _read_output(body: Body, source: Source, attachments: _Attachments) -> None:
    results = source.metadata.get("aggregate_result")
    runs = [fields(run) for run in (items(results) or [results])]
    failed = any(_failed(run) for run in runs)
    written = _all_text(source.content) or text(source.content.get("output_str"))
    if written or failed:
        body.add(ToolResult(body.at, written, name=source.author, is_error=failed))
    for message in (fields(message) for run in runs for message in items(run.get("messages"))):
        if pointer := text(message.get("image_url")):
            url = web_address(pointer) or None
            label = "image" if url else attachments.name_of(pointer)
            size = integer(message.get("width")), integer(message.get("height"))
            body.add(Image(body.at, label, "", url=url, width=size[0], height=size[1]))


def _failed(run: Mapping[str, object]) -> bool:
    raised = bool(run.get("in_kernel_exception") or run.get("system_exception"))
    return raised or name(run.get("status")).startswith("failed")


def _read_browsing(body: Body, source: Source, _: _Attachments) -> None:
    shown = [text(source.content.get(key)) for key in ("result", "summary")]
    _report(body, source, "\n\n".join(filter(None, [*shown, _all_text(source.content)])))


def _read_webpage(body: Body, source: Source, _: _Attachments) -> None:
    keys = ("title", "url", "text") if text(source.content.get("text")) else ("title", "url", "snippet")
    _report(body, source, "\n\n".join(filter(None, (text(source.content.get(key)) for key in keys))))


def _read_quote(body: Body, source: Source, _: _Attachments) -> None:
    url = web_address(source.content.get("url"))
    title, quoted = (
        first_name(source.content.get("title"), source.content.get("domain"), url),
        _all_text(source.content),
    )
    if title or quoted:
        body.add(Citation(body.at, title, url, quoted))


def _read_computer(body: Body, source: Source) -> None:
    state = fields(source.content.get("state"))
    seen = [text(state.get(key)) for key in ("title", "url", "os_name")]
    _report(body, source, "\n".join(filter(None, [*seen, _all_text(source.content)])))
    if screenshot := fields(source.content.get("screenshot")):
        body.add(_image(body.at, screenshot, _Attachments(None)))


def _read_error(body: Body, source: Source, _: _Attachments) -> None:
    body.add(Error(body.at, name(source.content.get("name")), _all_text(source.content)))


# Reasoning and context --------------------------------------------------------------------------


def _read_thoughts(body: Body, source: Source, _: _Attachments) -> None:
    for thought in map(fields, items(source.content.get("thoughts"))):
        chunks = "\n".join(filter(None, map(text, items(thought.get("chunks")))))
        written, summary = text(thought.get("content")) or chunks, text(thought.get("summary"))
        if written or summary:
            body.add(Thinking(body.at, written, summary=summary or None))
    if written := _all_text(source.content):
        body.add(Thinking(body.at, written))


def _read_recap(body: Body, source: Source, _: _Attachments) -> None:
    if written := text(source.content.get("content")) or _all_text(source.content):
        body.add(Badge(body.at, written))


def _read_user_context(body: Body, source: Source, _: _Attachments) -> None:
    for key in ("user_profile", "user_instructions"):
        body.say(text(source.content.get(key)))


def _read_model_context(body: Body, source: Source, _: _Attachments) -> None:
    for key in ("model_set_context", "repo_summary"):
        body.say(text(source.content.get(key)))


def _all_text(content: Mapping[str, object]) -> str:
    """All plain text of a content that is shown in one block."""
    written: Sequence[object] = [content.get("text"), *items(content.get("parts"))]
    return "\n\n".join(filter(None, map(text, written)))


_READERS: Mapping[str, Callable[[Body, Source, _Attachments], None]] = {
    "": _read_parts,
    "text": _read_parts,
    "multimodal_text": _read_parts,
    "code": _read_code,
    "execution_output": _read_output,
    "citable_code_output": _read_output,
    "tether_quote": _read_quote,
    "tether_browsing_display": _read_browsing,
    "tether_browsing_code": _read_browsing,
    "sonic_webpage": _read_webpage,
    "system_error": _read_error,
    "thoughts": _read_thoughts,
    "reasoning_recap": _read_recap,
    "user_editable_context": _read_user_context,
    "model_editable_context": _read_model_context,
}
