"""From this program's counts to the metric families of Prometheus."""

from collections.abc import Iterable, Mapping
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from chatsynth.kit.measure import Histogram

PREFIX = "chatsynth_"
Labels = tuple[str, ...]


def gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, says, value=value)


def gauges(name: str, says: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(PREFIX + name, says, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family


def counter(name: str, says: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(PREFIX + name, says, value=value)


def counters(name: str, says: str, labels: Labels, values: Iterable[tuple[Labels, float]]) -> CounterMetricFamily:
    family = CounterMetricFamily(PREFIX + name, says, labels=labels)
    for key, value in values:
        family.add_metric(key, value)
    return family


def histogram(name: str, says: str, found: Histogram) -> HistogramMetricFamily:
    return histograms(name, says, (), [((), found)])


def histograms(
    name: str, says: str, labels: Labels, values: Iterable[tuple[Labels, Histogram]]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(PREFIX + name, says, labels=labels)
    for key, found in values:
        family.add_metric(key, _buckets(found), found.sum)
    return family


def _buckets(found: Histogram) -> list[tuple[str, float]]:
    bounds = [*(f"{bound:g}" for bound in found.bounds), "+Inf"]
    return list(zip(bounds, accumulate(found.counts), strict=True))
