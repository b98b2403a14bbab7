"""How fast ChatSynth is and what it costs, beside references that run in the same minutes on the same machine."""
