"""What a server holds of the machine's memory, its shared pages divided among those that share."""

from dataclasses import dataclass

from tests.servers import keeper
from tests.servers.process import Server


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes: of an average worker, and of all processes together."""

    worker_mb: float
    total_mb: float


def memory_of(server: Server, *, workers: int) -> Memory:
    """Look at every process. Workers are the largest of those that the first one has started."""
    first, *others = (_megabytes(process) for process in keeper.family(server.pid))
    largest = sorted(others, reverse=True)[:workers]
    return Memory(worker_mb=sum(largest) / workers, total_mb=first + sum(others))


def _megabytes(process: object) -> float:
    # PSS where the system counts it, which is Linux; elsewhere what is not shared at all.
    full = process.memory_full_info()  # type: ignore[attr-defined]
    return float(getattr(full, "pss", full.uss)) / 1e6
