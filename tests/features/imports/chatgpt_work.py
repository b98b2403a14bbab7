"""A conversation in which ChatGPT thought, searched, ran code, wrote a document and made a picture."""

import json

from tests.features.imports.exports import JsonDict, chatgpt_chain, chatgpt_message

PLAN = "# Tide walk\n\n- Meet at **six**\n- Walk at low tide\n- Back by nine"
SEARCH = {"search_query": [{"q": "tide table Lisbon May"}, {"q": "low tide times Cascais"}], "response_length": "short"}
CODE = """import numpy as np

hours = np.arange(0, 24)
tide = 2.1 + 1.4 * np.cos(2 * np.pi * (hours - 3) / 12.4)
print(tide.argmin(), round(tide.min(), 2))"""
CITED = "\ue200cite\ue202turn0search0\ue201"


def worked_out() -> JsonDict:
    """A turn of eleven messages; the last one answers."""
    page = {"title": "Tides of Lisbon", "url": "https://tides.example/lisbon", "snippet": "Low water 09:12"}
    picture = {
        "content_type": "image_asset_pointer",
        "asset_pointer": "sediment://file_walk",
        "size_bytes": 1,
        "width": 1024,
        "height": 1024,
        "metadata": {"dalle": {"prompt": "People walking on wet sand at dawn", "seed": 1}},
    }
    thoughts = [{"summary": "Finding a good hour", "content": "Low tide and daylight must meet, so I look for both."}]
    change = {"updates": [{"pattern": "six", "multiple": False, "replacement": "half past six"}]}
    messages = [
        chatgpt_message("system", "system", "", metadata={"is_visually_hidden_from_conversation": True}),
        chatgpt_message("question", "user", "Plan a walk on the beach at low tide, with a picture for the invitation."),
        chatgpt_message("thoughts", "assistant", {"content_type": "thoughts", "thoughts": thoughts}, **_by_model()),
        chatgpt_message("recap", "assistant", {"content_type": "reasoning_recap", "content": "Thought for 7s"}),
        _call("search", "web.run", json.dumps(SEARCH)),
        _answer("found", "web.run", {"content_type": "text", "parts": ["Tides of Lisbon\nLow water 09:12, 0.70 m"]}),
        _call("code", "python", CODE),
        _answer("output", "python", {"content_type": "execution_output", "text": "9 0.7"}),
        _call(
            "document", "canmore.create_textdoc", json.dumps({"name": "Tide walk", "type": "document", "content": PLAN})
        ),
        _answer("saved", "canmore.create_textdoc", "Successfully created text document with ID: 1"),
        _call("change", "canmore.update_textdoc", json.dumps(change)),
        _call(
            "prompt", "dalle.text2im", json.dumps({"size": "1024x1024", "prompt": "People walking on wet sand at dawn"})
        ),
        _answer("picture", "dalle.text2im", {"content_type": "multimodal_text", "parts": [picture]}),
        chatgpt_message(
            "answer",
            "assistant",
            f"Low water is at **09:12** {CITED}, so half past six leaves time to walk out and back.",
            metadata={"content_references": [{"matched_text": CITED, "items": [page]}], "model_slug": "gpt-5-2"},
        ),
        chatgpt_message("thanks", "user", "Thank you!"),
        chatgpt_message("welcome", "assistant", "Enjoy the walk."),
    ]
    return chatgpt_chain("worked-out", messages, title="A walk at low tide")


def _by_model() -> JsonDict:
    return {"metadata": {"model_slug": "gpt-5-2"}}


def _call(message_id: str, tool: str, written: str) -> JsonDict:
    content = {"content_type": "code", "language": "unknown", "text": written}
    return chatgpt_message(message_id, "assistant", content, recipient=tool, end_turn=False, **_by_model())


def _answer(message_id: str, tool: str, content: object) -> JsonDict:
    return chatgpt_message(message_id, "tool", content, author={"role": "tool", "name": tool, "metadata": {}})
