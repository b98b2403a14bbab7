"""The type of frames and answers as a client sees them: whatever JSON came."""

from typing import Any

JsonDict = dict[str, Any]
