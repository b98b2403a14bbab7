"""`/metrics`: what Prometheus reads, collected from the counts of the program when it asks."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from fastapi import APIRouter, Depends
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from chatsynth.config import MetricsAccess
from chatsynth.features.accounts.current_user import current_admin
from chatsynth.features.imports.job_counts import jobs_by_state
from chatsynth.node import Node
from chatsynth.operations.change_metrics import change_metrics
from chatsynth.operations.live_metrics import following_metrics, live_metrics
from chatsynth.operations.server_metrics import server_metrics


def metrics_router(node: Node, access: MetricsAccess) -> APIRouter:
    """Without the route if nobody may read it."""
    router = APIRouter(include_in_schema=False)
    if access == "off":
        return router

    @router.get("/metrics", dependencies=[Depends(current_admin)] if access == "admin" else [])
    async def metrics(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(await registry_of(node)), headers={"Content-Type": content_type})

    return router


async def registry_of(node: Node) -> CollectorRegistry:
    """Everything as it is at this moment. A database that cannot be read costs the figures that are in it alone."""
    import_jobs: Mapping[str, int] = {}
    with suppress(SQLAlchemyError):
        import_jobs = await node.context.read(jobs_by_state)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(node, import_jobs))
    ProcessCollector(registry=registry)
    return registry


class _Collected(Collector):
    def __init__(self, node: Node, import_jobs: Mapping[str, int]) -> None:
        self._node = node
        self._import_jobs = import_jobs

    def collect(self) -> Iterable[Metric]:
        yield from change_metrics(self._node)
        yield from live_metrics(self._node.hub)
        yield from following_metrics(self._node.tail.counts)
        yield from server_metrics(self._node, self._import_jobs)
