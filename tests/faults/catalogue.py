"""Every fault, in the order of the table: whoever imports one module finds them all."""

# isort: off
from tests.faults import (
    redis_faults,
    redis_elsewhere_faults,
    worker_faults,
    database_faults,
    storm,
)

# isort: on
from tests.faults.fault import FAULTS, Fault

__all__ = [
    "FAULTS",
    "Fault",
    "database_faults",
    "redis_elsewhere_faults",
    "redis_faults",
    "storm",
    "worker_faults",
]
