"""Counting in this process, and a look at what was counted."""

from contextlib import contextmanager

from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from api.metrics import counting, exposition

TOKEN = "a-token-for-prometheus-alone-and-nobody-else"


def samples_in(text):
    """Return each value by its name, as Prometheus has it, and its labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class Metrics:
    def __init__(self):
        self.client = Client()

    def get(self, token=TOKEN, **headers):
        credentials = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.get("/metrics", headers=credentials | headers)

    def text(self):
        return self.get().content.decode()

    def samples(self):
        return samples_in(self.text())

    def counted(self):
        """Return what was counted at all."""
        return {
            name: value
            for name, value in self.samples().items()
            if value and name[0].endswith("_total")
        }


@contextmanager
def counting_here():
    """Count in this process, from nought, and give who reads it."""
    caches = counting.counts, exposition.registry
    for kept in caches:
        kept.cache_clear()
    counting.connect()
    try:
        yield Metrics()
    finally:
        counting.disconnect()
        for kept in caches:
            kept.cache_clear()
