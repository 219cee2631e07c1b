"""Tables of the deployable API alone."""

from django.db import models


class PersistedQuery(models.Model):
    """The table of `CACHES["persisted_queries"]`, which Django's `DatabaseCache` reads and writes.

    Migrated like any other table, there is no `createcachetable` to be forgotten.
    """

    cache_key = models.CharField(primary_key=True, max_length=255)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "persisted_queries"

    def __str__(self) -> str:
        return self.cache_key
