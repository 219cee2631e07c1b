"""What is counted of wrong passwords."""

from revocation.models import FailedAttempt


def counted():
    """Return how many rows are on counters; the others only keep writers from each other."""
    return FailedAttempt.objects.exclude(counter="").count()
