"""What holds for every test: property tests have no time limit of their own, since machines differ."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "chatsynth",
    parent=settings.get_profile("ci" if "CI" in os.environ else "default"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("chatsynth")
