"""Finds the report of a deep research, which newer exports keep in the state of a widget and in no message of its own.

The state is in the metadata of a tool's message, itself written as JSON, and its `report_message` is a message.
"""

from collections.abc import Mapping

from chatsynth.features.imports.json_values import NotJson, TooDeep, parse
from chatsynth.features.imports.source_values import fields, items, text


def report_in(metadata: Mapping[str, object]) -> Mapping[str, object]:
    """The message that is the report of a finished research, with a text in it; empty where there is none."""
    sdk = fields(metadata.get("chatgpt_sdk"))
    if not sdk:
        return sdk
    for state in (sdk.get("widget_state"), fields(sdk.get("tool_response_metadata")).get("venus_widget_state")):
        report = fields(_read(state).get("report_message"))
        if any(map(text, items(fields(report.get("content")).get("parts")))):
            return report
    return {}


def _read(state: object) -> Mapping[str, object]:
    if not isinstance(state, str):
        return fields(state)
    try:
        return fields(parse(state.encode("utf-8", "replace")))
    except (NotJson, TooDeep):
        return {}
