"""Reading the metrics of a running server as Prometheus does."""

from prometheus_client.parser import text_string_to_metric_families

from tests.harness.people import Person

Sample = tuple[str, frozenset[tuple[str, str]]]


class Scrape:
    """Every sample of one moment."""

    def __init__(self, text: str) -> None:
        self.families = list(text_string_to_metric_families(text))
        self._values: dict[Sample, float] = {
            (sample.name, frozenset(sample.labels.items())): float(sample.value)
            for family in self.families
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        """Of `chatsynth_<name>`; 0 for labels that nothing was counted for yet."""
        return self._values.get((f"chatsynth_{name}", frozenset(labels.items())), 0.0)


def scrape(admin: Person) -> Scrape:
    answer = admin.request("GET", "/metrics")
    assert answer.status_code == 200, answer.text
    return Scrape(answer.text)
