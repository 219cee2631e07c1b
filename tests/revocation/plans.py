"""How a database would find the rows of a statement, were the table too large to read it."""

from contextlib import contextmanager

from django.db import connection


class Plan:
    """Which indexes are read, and which tables are read from one end to the other."""

    def __init__(self, sql):
        self.text = PLANS[connection.vendor](sql)

    def __str__(self):
        return self.text

    @property
    def reads_a_table(self):
        return any(word in self.text for word in ("SCAN", "Seq Scan", "type=ALL"))

    @property
    def sorts(self):
        return any(word in self.text for word in ("TEMP B-TREE", "Sort", "Using filesort"))

    def reads_only(self, index):
        """Whether the index says it all, and no row is looked at."""
        covering = (f"COVERING INDEX {index}", f"Index Only Scan using {index}", f"key={index}")
        is_all = connection.vendor != "mysql" or "Using index" in self.text
        return is_all and not self.reads_a_table and any(word in self.text for word in covering)


def _sqlite(sql):
    return "\n".join(row[-1] for row in _rows(f"EXPLAIN QUERY PLAN {sql}"))


def _postgresql(sql):
    with _without("enable_seqscan"), _without("enable_bitmapscan"):
        return "\n".join(row[0] for row in _rows(f"EXPLAIN {sql}"))


def _mysql(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        names = [column[0] for column in cursor.description]
        return "\n".join(
            " ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
            for row in cursor.fetchall()
        )


PLANS = {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql}


@contextmanager
def _without(way):
    """Let PostgreSQL not take this way, which is the cheaper one in a small table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {way} = off")
        yield
        cursor.execute(f"SET LOCAL {way} = on")


def _rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
