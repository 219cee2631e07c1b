"""What a rollback undid, and the journal made again, is told once; what does not hold, never."""

from contextvars import Context

import graphene
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView

from revocation import guard, journal, sessions, sign_in
from revocation.models import Session
from revocation.tokens import read_access
from schema.query import Query
from tests.attacks.test_silently_undone_commit import Mutation as Swallowing
from tests.client import LOGOUT, PASSWORD, SIGN_IN
from tests.revocation.boom_urls import Mutation as Booming
from tests.revocation.boom_urls import accept_writes
from tests.revocation.told import told

NEW = "an entirely different one"
CHANGE = f'changePassword(oldPassword: "{PASSWORD}", newPassword: "{NEW}") {{ ok }}'
ATOMIC = {
    "requests": ["ATOMIC_REQUESTS"],
    "mutations": ["ATOMIC_MUTATIONS"],
}


class Mutation(Booming, Swallowing):
    deactivate_me = graphene.String()

    def resolve_deactivate_me(root, info):
        user = guard.identify(info.context).user
        user.is_active = False
        user.save()


schema = graphene.Schema(query=Query, mutation=Mutation)
view = csrf_exempt(GraphQLView.as_view(schema=schema, batch=True))
urlpatterns = [
    path("graphql", csrf_exempt(GraphQLView.as_view(schema=schema))),
    path("batch", view),
]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


@pytest.fixture(params=ATOMIC.values(), ids=ATOMIC, autouse=True)
def _atomic(request, monkeypatch):
    for name in request.param:
        monkeypatch.setitem(connection.settings_dict, name, True)


@pytest.fixture
def heard():
    with told() as found:
        yield found


@pytest.fixture
def phone(graphql, alice, heard):
    phone = graphql.bearing(graphql.sign_in())
    heard.forget()
    return phone


NEIGHBOURS = ["", "boom", "breakTransaction", "swallowError"]


@pytest.mark.parametrize("neighbour", NEIGHBOURS, ids=repr)
class TestWhatHolds:
    def test_a_logout(self, alice, phone, heard, neighbour):
        phone(f"mutation {{ logout {{ ok }} {neighbour} }}")

        assert heard.events == [("session_ended", "logout", alice)]
        assert [one["reason"] for one in heard.fields] == ["logout"]
        assert heard.fields[0]["address"] == "127.0.0.1"
        assert [name for name, _ in heard.by_django] == ["user_logged_out"]

    def test_a_sign_in(self, graphql, alice, heard, neighbour):
        both = SIGN_IN.rstrip().removesuffix("}") + neighbour + " }"
        graphql(both, username="alice", password=PASSWORD)

        assert heard.events == [("session_opened", "sign_in", alice)]
        assert len(heard.lines) == 1
        assert [name for name, _ in heard.by_django] == ["user_logged_in"]
        alice.refresh_from_db()
        assert alice.last_login

    def test_a_changed_password(self, alice, phone, heard, neighbour):
        phone(f"mutation {{ {CHANGE} {neighbour} }}")

        reason = "password_changed"
        assert heard.events == [("session_ended", reason, alice), ("session_opened", reason, alice)]
        assert len(heard.lines) == 2

    def test_the_end_of_all(self, alice, phone, heard, neighbour):
        phone.sign_in()
        heard.forget()

        phone(f"mutation {{ logoutAll {{ ended }} {neighbour} }}")

        assert heard.events == [("session_ended", "logout_all", alice)] * 2
        assert {said["session"].pk for _, said in heard.signals} == {
            session.pk for session in Session.objects.all()
        }


def test_reuse_is_told_once_although_it_is_refused(graphql, alice, heard, settings):
    settings.REVOCATION = settings.REVOCATION | {"GRACE_SECONDS": 0}
    tokens = graphql.sign_in()
    graphql.refresh(tokens)
    heard.forget()

    assert graphql.try_refresh(tokens).reason == "REFRESH_REUSED"

    assert [name for name, *_ in heard.events] == ["session_ended", "refresh_reused"]
    assert len(heard.lines) == 2


def test_a_wrong_password_is_told_once(graphql, alice, heard):
    both = SIGN_IN.rstrip().removesuffix("}") + "boom }"
    graphql(both, username="alice", password="wrong")

    assert heard.events == [("attempt_failed",)]
    assert [name for name, _ in heard.by_django] == ["user_login_failed"]


def test_an_entry_of_a_batch_is_told_once(phone, alice, heard):
    body = [{"query": "mutation { logout { ok } boom }"}, {"query": "{ me { username } }"}]
    phone.http.post("/batch", body, content_type="application/json", headers=phone.headers)

    assert heard.events == [("session_ended", "logout", alice)]


def test_what_is_made_again_where_it_can_be_undone_once_more_waits(alice, heard):
    pair = sign_in(alice)
    heard.forget()
    with journal.open_journal(on_write=lambda: None) as writes:
        with transaction.atomic():
            sessions.end(read_access(pair.access_token))
            transaction.set_rollback(True)
        with transaction.atomic():
            journal.settle()
            transaction.set_rollback(True)
        assert heard.events == []

        writes.replay()

    assert heard.events == [("session_ended", "unknown", None)]
    assert Session.objects.get().ended_at


@pytest.fixture
def _filling_up(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.revocation.boom_urls.DatabaseFillsUp"]
    yield
    accept_writes()


@pytest.mark.usefixtures("_filling_up")
@pytest.mark.parametrize(
    ("table", "mutation"),
    [
        ("revocation_revokedtoken", "mutation { logout { ok } boom }"),
        ("revocation_session", SIGN_IN.rstrip().removesuffix("}") + "boom }"),
    ],
)
def test_what_could_not_be_made_again_is_not_told(graphql, alice, heard, table, mutation):
    phone = graphql.bearing(sign_in(alice).access_token)
    heard.forget()
    phone.headers["X-Table"] = table

    assert phone(mutation, username="alice", password=PASSWORD).status == 503

    assert heard.signals == heard.records == heard.by_django == []


@pytest.fixture
def _overtaken(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Overtaken"]


@pytest.mark.usefixtures("_overtaken")
def test_what_was_ended_by_somebody_else_meanwhile_is_theirs_to_tell(graphql, alice, heard):
    phone = graphql.bearing(sign_in(alice).access_token)
    heard.forget()

    phone("mutation { logout { ok } boom }")

    assert heard.events == [("session_ended", "unknown", None)]


@pytest.fixture
def _re_passworded(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.RePassworded"]


@pytest.mark.usefixtures("_re_passworded")
def test_a_sign_in_that_turns_out_void_is_none(graphql, alice, heard):
    assert graphql(SIGN_IN, username="alice", password=PASSWORD).status == 503

    assert heard.signals == heard.records == heard.by_django == []


class RePassworded:
    """Middleware: between the commit and the answer somebody else changes the password."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        get_user_model().objects.update(password=make_password(NEW))
        return response


class Overtaken:
    """Middleware: between the rollback and the replay somebody else ends the session."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        [session] = Session.objects.all()
        Context().run(sessions.end_by_id, session.pk)
        return response


class TestWhatIsUndone:
    def test_a_user_who_is_not_deactivated_after_all(self, phone, heard):
        phone("mutation { deactivateMe boom }")

        assert heard.signals == heard.records == []
        assert phone("{ me { username } }").data["me"]

    def test_a_user_who_is(self, phone, alice, heard):
        phone("mutation { deactivateMe }")

        assert heard.events == [("session_ended", "user_deactivated", alice)]
        assert phone(LOGOUT).data["logout"] == {"ok": True}
        assert len(heard.events) == 1
