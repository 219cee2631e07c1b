"""Faults of the database, alone or together with Redis: what cannot be known is not answered."""

import psutil

from tests.faults.fault import DOUBT, fault
from tests.faults.scene import GoOn, Scene

TABLES = (
    "auth_user",
    "revocation_session",
    "revocation_revokedtoken",
    "revocation_failedattempt",
)
# What PostgreSQL says when a file cannot grow. A sequence counts on although all is rolled back.
NO_SPACE = """
CREATE SEQUENCE refusals;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('refusals');
    RAISE EXCEPTION 'could not extend file "base/16384/16385": No space left on device'
        USING ERRCODE = 'disk_full', HINT = 'Check free disk space.';
END $$;
"""
TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@fault(good_tokens_may_get=DOUBT)
def postgresql_restarted(scene: Scene, go_on: GoOn) -> str:
    """PostgreSQL restarted, three times."""
    begun = set()
    for _ in range(3):
        scene.postgres.restart()
        begun.add(scene.sql("SELECT pg_postmaster_start_time()")[0][0])
        go_on(1 / 3)
    assert len(begun) == 3
    return "three starts"


@fault(good_tokens_may_get=DOUBT)
def postgresql_killed(scene: Scene, go_on: GoOn) -> str:
    """PostgreSQL killed, and started again after a while."""
    before = scene.postgres.pid
    scene.postgres.kill()
    go_on(1)
    scene.postgres.start()
    assert scene.postgres.pid != before
    return f"process {before} gave way to {scene.postgres.pid}"


@fault(good_tokens_may_get=DOUBT)
def postgresql_frozen(scene: Scene, go_on: GoOn) -> str:
    """PostgreSQL frozen and thawed, five times."""
    for _ in range(5):
        scene.postgres.freeze()
        go_on(0.1)
        assert psutil.Process(scene.postgres.pid).status() == psutil.STATUS_STOPPED
        scene.postgres.thaw()
        go_on(0.1)
    return "its processes were stopped"


@fault(good_tokens_may_get=DOUBT)
def connections_cut(scene: Scene, go_on: GoOn) -> str:
    """Every connection to PostgreSQL cut, twenty times."""
    cut = 0
    for _ in range(20):
        cut += scene.sql(TERMINATE)[0][0]
        go_on(0.05)
    assert cut > 20
    return f"{cut} connections"


@fault()
def disk_full(scene: Scene, go_on: GoOn) -> str:
    """PostgreSQL cannot write: every INSERT and UPDATE fails with SQLSTATE 53100."""
    scene.sql(NO_SPACE)
    for table in TABLES:
        scene.sql(
            f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    go_on(1)
    refused = scene.sql("SELECT last_value FROM refusals")[0][0]
    # One lock at a time: who holds several waits for others that do.
    for table in TABLES:
        scene.sql(f"DROP TRIGGER refuse ON {table}")
    scene.sql("DROP FUNCTION refuse")
    scene.sql("DROP SEQUENCE refusals")
    assert refused > 1
    return f"{refused} writes refused"


@fault(good_tokens_may_get=DOUBT)
def both_stores_down(scene: Scene, go_on: GoOn) -> str:
    """PostgreSQL and Redis killed, and started again after a while."""
    scene.valkey.kill()
    scene.postgres.kill()
    go_on(1)
    scene.postgres.start()
    scene.valkey.start()
    return "both were gone"
