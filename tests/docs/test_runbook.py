"""docs/runbook.md, word by word: each part pasted in order, and what it promises looked at.

PostgreSQL, Valkey, workers and programs are real; `docker` does to them what Docker would.
"""

import re

import pytest

from tests.client import LOGOUT, ME
from tests.docs.compose import NAME, Deployment
from tests.docs.examples import DOCS, examples
from tests.docs.shell import Shell
from tests.waiting import wait_until

PAGE = "runbook.md"
# A person is asked for something there.
IS_ASKED = " -it "


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    with Deployment(tmp_path_factory.mktemp("compose")) as deployment:
        yield deployment


@pytest.fixture
def shell(deployment):
    with Shell(deployment.folder, deployment.shell_environ) as shell:
        yield shell


@pytest.fixture
def client(deployment):
    """Return a client with a connection of its own; nodes that were replaced have another port."""
    return deployment.nodes.client


def blocks(heading):
    return [block for block in examples(PAGE, heading, language="sh") if IS_ASKED not in block]


def is_in(client, pair):
    """Whether the tokens open a protected field."""
    return "errors" not in client().bearing(pair)(ME).body


def is_live(deployment, pair):
    """Whether the database says that a session has not ended."""
    [[ended_at]] = deployment.nodes.sql(
        "SELECT ended_at FROM revocation_session WHERE id = %s", pair.payload["sid"]
    )
    return ended_at is None


def test_every_part_has_its_test():
    parts = re.findall(r"^## (.+)$", (DOCS / PAGE).read_text(), re.MULTILINE)

    assert parts == [
        "A signing key leaked",
        "A device or a token was stolen",
        "A backup was restored",
        "The database failed over",
        "Redis is lost",
    ]


def test_a_signing_key_leaked(deployment, client, shell):
    leave_out, end_all, change_django = blocks("A signing key leaked")
    before, bystander = client().sign_in("alice"), client().sign_in("bob")
    assert is_in(client, before)

    shell.paste(leave_out)
    wait_until(
        lambda: client().bearing(before)(ME).reasons == ["TOKEN_INVALID"],
        else_say=deployment.nodes.log,
    )
    assert client().try_refresh(before).reason == "REFRESH_INVALID"
    exchanged = client().sign_in("bob")

    shell.paste(end_all)
    assert client().bearing(exchanged)(ME).reason == "TOKEN_REVOKED"
    assert client().try_refresh(exchanged).reason == "SESSION_ENDED"
    assert not is_live(deployment, before)

    secret = deployment.nodes.environ["DJANGO_SECRET_KEY"]
    shell.paste(change_django)
    assert deployment.nodes.environ["DJANGO_SECRET_KEY"] != secret
    for pair in (before, bystander):
        assert client().bearing(pair)(ME).reason == "TOKEN_INVALID"
    assert is_in(client, client().sign_in("alice"))


def test_a_device_or_a_token_was_stolen(deployment, client, shell):
    everywhere, of_token, of_session = blocks("A device or a token was stolen")
    stolen, other = client().sign_in("alice"), client().sign_in("alice")
    bystander = client().sign_in("bob")

    shell.paste(everywhere)

    for pair in (stolen, other):
        assert client().bearing(pair)(ME).reason == "TOKEN_REVOKED"
        assert client().try_refresh(pair).reason == "SESSION_ENDED"

    again = client().sign_in("alice")
    (deployment.folder / "token").write_text(f"{again.access}\n")
    shell.paste(of_token)
    assert client().bearing(again)(ME).reason == "TOKEN_REVOKED"
    refreshed = client().refresh(again)

    shell.paste(of_session.replace(" ID", f" {again.payload['sid']}"))
    assert client().bearing(refreshed)(ME).reason == "TOKEN_REVOKED"
    assert client().try_refresh(refreshed).reason == "SESSION_ENDED"
    assert is_in(client, bystander)


def test_a_backup_was_restored(deployment, client, shell):
    close, restore, end_all, deactivate, in_between, back = blocks("A backup was restored")
    deployment.nodes.sql("UPDATE auth_user SET username = 'mallory' WHERE username = 'user19'")
    logged_out, kept = client().sign_in("alice"), client().sign_in("bob")
    [backup] = re.findall(r"```sh\n(.+pg_dump.+\n)```", (DOCS / "production.md").read_text())
    shell.paste(backup)
    client().bearing(logged_out)(LOGOUT)
    forgotten = client().sign_in("bob")
    deployment.nodes.sql("UPDATE auth_user SET is_active = false WHERE username = 'mallory'")

    shell.paste(close)
    assert not deployment.nodes.is_running
    shell.paste(restore)
    # Else there would be nothing to do.
    assert is_live(deployment, logged_out)
    shell.paste(end_all)
    shell.paste(deactivate)
    for reopen in (in_between, back):
        shell.paste(reopen)
        for pair in (logged_out, kept):
            assert client().bearing(pair)(ME).reason == "TOKEN_REVOKED"
            assert client().try_refresh(pair).reason == "SESSION_ENDED"
        assert client().try_refresh(forgotten).reason == "SESSION_ENDED"
        assert is_in(client, client().sign_in("alice"))
        if reopen == in_between:
            assert not is_in(client, forgotten)
    with pytest.raises(AssertionError, match="INVALID_CREDENTIALS"):
        client().sign_in("mallory")


def test_the_database_failed_over(deployment, client, shell):
    close, end_all, in_between, back = blocks("The database failed over")
    logged_out, kept = client().sign_in("alice"), client().sign_in("bob")
    # The replica, as it was when the primary went away: a logout behind.
    deployment.postgres.execute("CREATE DATABASE replica")
    shell.run(
        f"docker compose exec -T postgres pg_dump -U {NAME} -Fc {NAME} > behind; "
        f"docker compose exec -T postgres pg_restore -U {NAME} -d replica < behind"
    )
    client().bearing(logged_out)(LOGOUT)

    shell.paste(close)
    deployment.postgres.execute(f"ALTER DATABASE {NAME} RENAME TO primary_that_was")
    deployment.postgres.execute(f"ALTER DATABASE replica RENAME TO {NAME}")
    assert is_live(deployment, logged_out)
    shell.paste(end_all)
    for reopen in (in_between, back):
        shell.paste(reopen)
        for pair in (logged_out, kept):
            assert client().bearing(pair)(ME).reason == "TOKEN_REVOKED"
            assert client().try_refresh(pair).reason == "SESSION_ENDED"
        assert is_in(client, client().sign_in("alice"))


def test_redis_is_lost(deployment, client, shell):
    look, start, copy = blocks("Redis is lost")
    gone, kept = client().sign_in("alice"), client().sign_in("bob")
    client().bearing(gone)(LOGOUT)
    deployment.valkey.kill()

    shell.paste(look)
    assert client().bearing(gone)(ME).reason == "TOKEN_REVOKED"
    assert is_in(client, kept)
    client().bearing(kept)(LOGOUT)

    shell.paste(start)
    shell.paste(copy)
    for pair in (gone, kept):
        assert client().bearing(pair)(ME).reason == "TOKEN_REVOKED"
    assert is_in(client, client().sign_in("alice"))
