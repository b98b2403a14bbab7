"""What every request goes through, from the outside to the inside."""

from collections.abc import Collection

from fastapi import FastAPI

from chatsynth.kit.tracing import Tracer
from chatsynth.web.body_limit import BodyLimit, IsSignedIn
from chatsynth.web.http_settings import HttpSettings
from chatsynth.web.methods import HeadAsGet
from chatsynth.web.problems import install_problems
from chatsynth.web.request_counts import RequestCounts
from chatsynth.web.request_limit import RequestLimit, RequestsUnderWay
from chatsynth.web.request_log import RequestLog
from chatsynth.web.request_trace import RequestTrace
from chatsynth.web.security import RefuseForeignPages, SecurityHeaders


def install_middleware(
    app: FastAPI,
    allowed_origins: Collection[str],
    max_upload_bytes: int,
    counts: RequestCounts,
    http: HttpSettings,
    is_signed_in: IsSignedIn,
    tracer: Tracer | None = None,
) -> None:
    """The one that is added last is the outermost."""
    install_problems(app)
    app.add_middleware(HeadAsGet)
    app.add_middleware(BodyLimit, settings=http, max_upload_bytes=max_upload_bytes, is_signed_in=is_signed_in)
    app.add_middleware(RefuseForeignPages, allowed=allowed_origins)
    app.add_middleware(RequestLimit, under_way=RequestsUnderWay(http), is_signed_in=is_signed_in)
    if tracer is not None:
        app.add_middleware(RequestTrace, tracer=tracer)
    app.add_middleware(RequestLog, counts=counts)
    app.add_middleware(SecurityHeaders)
