"""Every verb, by every route: one signal and one line for what happened, by whom, why and where."""

import io
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path, reverse
from rest_framework.response import Response
from rest_framework.views import APIView

from api.urls import urlpatterns as api_urls
from revocation import audit, blacklist, guard, occasions, sessions, sign_in, signals
from revocation.admin import LoggingOutAdmin
from revocation.models import Session
from revocation.occasions import OWNER, Reason, because
from revocation.tokens import read_access
from tests.client import LOGOUT, PASSWORD, SIGN_IN, GraphQLClient
from tests.revocation.oauth.conftest import FORM, NAME, SECRET, basic
from tests.revocation.told import told

HOME, WORK = "198.51.100.7", "203.0.113.9"
NEW = "an entirely different one"
CHANGE = """mutation ($old: String!, $new: String!) {
  changePassword(oldPassword: $old, newPassword: $new) { ok }
}"""
REVOKE = "mutation ($t: String) { revokeToken(refreshToken: $t) { revoked } }"
REVOKE_SESSION = "mutation ($id: ID!) { revokeSession(id: $id) { ok } }"


class LogOut(APIView):
    def post(self, request):
        with because(Reason.LOGOUT, actor=request.user):
            sessions.end(request.auth)
        return Response()


def deactivate_me(request):
    user = guard.identify(request).user
    user.is_active = False
    user.save()
    return HttpResponse()


class Users(LoggingOutAdmin, UserAdmin):
    pass


site = admin.AdminSite()
site.register(get_user_model(), Users)
site.register(Session, admin.site._registry[Session].__class__)
urlpatterns = [
    path("rest/logout", LogOut.as_view()),
    path("deactivate", deactivate_me),
    path("admin/", site.urls),
    *api_urls,
]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


@pytest.fixture
def heard():
    with told() as found:
        yield found


@pytest.fixture
def phone(alice, heard):
    """Alice's phone, signed in, and nothing told of it."""
    client = GraphQLClient(Client(REMOTE_ADDR=HOME))
    tokens = client.sign_in()
    heard.forget()
    phone = client.bearing(tokens)
    object.__setattr__(phone, "tokens", tokens)
    return phone


@pytest.fixture
def boss(make_user):
    return make_user("boss", is_staff=True, is_superuser=True)


@pytest.fixture
def office(boss, heard):
    """The admin's browser."""
    client = Client(REMOTE_ADDR=WORK)
    client.force_login(boss)
    heard.forget()
    return client


def line(event, **fields):
    return " ".join(f"{name}={value}" for name, value in {"event": event, **fields}.items())


def own_line(event, reason, user):
    """What is said of the one session there is, when its user did it at home."""
    [sid] = sids()
    return line(event, reason=reason, session=sid, user=user.pk, actor=user.pk, address=HOME)


def sids():
    return list(Session.objects.order_by("created_at").values_list("pk", flat=True))


class TestAUserThemself:
    def test_signs_in(self, alice, heard):
        GraphQLClient(Client(REMOTE_ADDR=HOME)).sign_in()

        assert heard.events == [("session_opened", "sign_in", alice)]
        assert heard.lines == [own_line("session_opened", "sign_in", alice)]

    def test_refreshes(self, alice, phone, heard):
        phone.refresh(phone.tokens)

        assert heard.events == [("session_rotated", "refresh", alice)]
        assert heard.lines == [own_line("session_rotated", "refresh", alice)]

    @pytest.mark.parametrize(
        ("do", "reason"),
        [
            (lambda phone: phone(LOGOUT), "logout"),
            (lambda phone: phone("mutation { logoutAll { ended } }"), "logout_all"),
            (lambda phone: phone(REVOKE, t=phone.tokens.refresh), "revoke_token"),
            (lambda phone: phone(REVOKE_SESSION, id=sids()[0]), "revoke_session"),
            (
                lambda phone: phone.http.post("/rest/logout", headers=phone.headers),
                "logout",
            ),
        ],
        ids=["logout", "logout_all", "revoke_token", "revoke_session", "rest"],
    )
    def test_ends_a_session_once(self, alice, phone, heard, do, reason):
        do(phone)
        do(phone)

        [sid] = sids()
        assert heard.events == [("session_ended", reason, alice)]
        assert heard.lines == [own_line("session_ended", reason, alice)]
        [(_, said)] = heard.signals
        assert (said["session"].pk, said["request"].META["REMOTE_ADDR"]) == (sid, HOME)

    def test_logs_out_everywhere(self, alice, phone, heard):
        phone.sign_in()
        heard.forget()

        phone("mutation { logoutAll { ended } }")

        assert heard.events == [("session_ended", "logout_all", alice)] * 2
        assert {one["session"] for one in heard.fields} == set(sids())

    def test_logs_out_with_a_token_of_no_session(self, phone, heard):
        phone(LOGOUT)
        heard.forget()

        phone.bearing("garbage")(LOGOUT)

        assert heard.signals == heard.records == []

    def test_changes_the_password(self, alice, phone, heard):
        phone.sign_in()
        heard.forget()

        phone(CHANGE, old=PASSWORD, new=NEW)

        reason = "password_changed"
        ended, opened = ("session_ended", reason, alice), ("session_opened", reason, alice)
        assert heard.events == [ended, ended, opened]
        assert {one["address"] for one in heard.fields} == {HOME}

    def test_is_deactivated_by_a_view_that_knows_who_asks(self, alice, phone, heard):
        phone.http.get("/deactivate", headers=phone.headers)

        assert heard.events == [("session_ended", "user_deactivated", alice)]
        assert heard.fields[0]["address"] == HOME


class TestAThief:
    def test_comes_back_with_a_rotated_token(self, alice, phone, heard, settings):
        settings.REVOCATION = settings.REVOCATION | {"GRACE_SECONDS": 0}
        phone.refresh(phone.tokens)
        heard.forget()

        GraphQLClient(Client(REMOTE_ADDR=WORK)).try_refresh(phone.tokens)

        [sid] = sids()
        assert heard.events == [
            ("session_ended", "refresh_reused", None),
            ("refresh_reused", "refresh_reused", None),
        ]
        assert heard.lines[1] == (
            f"event=refresh_reused reason=refresh_reused session={sid} user={alice.pk} "
            f"address={WORK}"
        )
        assert [record.levelname for record in heard.records] == ["INFO", "WARNING"]

    def test_guesses_until_the_lock_closes(self, alice, heard):
        guess = GraphQLClient(Client(REMOTE_ADDR=WORK))
        for _ in range(12):
            guess(SIGN_IN, username="alice", password="wrong")

        assert heard.events == [("attempt_failed",)] * 10 + [("locked_out",)]
        assert set(heard.lines[:-1]) == {line("attempt_failed", door="sign-in", address=WORK)}
        assert heard.lines[-1] == line(
            "locked_out", door="sign-in", counted_for="account", address=WORK
        )
        assert {record.levelname for record in heard.records[:-1]} == {"INFO"}
        assert heard.records[-1].levelname == "WARNING"

    def test_guesses_at_the_admins_door(self, alice, heard):
        Client(REMOTE_ADDR=WORK).post("/admin/login/", {"username": "alice", "password": "wrong"})

        assert heard.lines == [line("attempt_failed", door="sign-in", address=WORK)]

    def test_guesses_the_old_password(self, phone, heard):
        phone(CHANGE, old="wrong", new=NEW)

        assert heard.lines == [line("attempt_failed", door="change-password", address=HOME)]

    def test_guesses_where_nobody_counts(self, alice, heard, settings):
        names = ("ATTEMPTS_PER_ACCOUNT_AND_ADDRESS", "ATTEMPTS_PER_ADDRESS")
        settings.REVOCATION = settings.REVOCATION | dict.fromkeys(names)

        GraphQLClient(Client(REMOTE_ADDR=WORK))(SIGN_IN, username="alice", password="wrong")

        assert heard.events == [("attempt_failed",)]


class TestAnAdmin:
    @pytest.fixture(autouse=True)
    def _phone(self, phone):
        """Somebody to be logged out."""

    def act(self, office, model, action, pk):
        page = reverse(f"admin:{model}_changelist")
        return office.post(page, {"action": action, "_selected_action": [pk]})

    @pytest.mark.parametrize(
        ("model", "action"),
        [("auth_user", "log_out_everywhere"), ("revocation_session", "end_sessions")],
    )
    def test_ends_sessions(self, alice, boss, office, heard, model, action):
        [sid] = sids()

        self.act(office, model, action, sid if "session" in model else alice.pk)

        assert heard.events == [("session_ended", "admin", boss)]
        assert heard.lines == [
            line(
                "session_ended",
                reason="admin",
                session=sid,
                user=alice.pk,
                actor=boss.pk,
                address=WORK,
            )
        ]

    def test_sets_a_password(self, alice, boss, office, heard):
        page = reverse("admin:auth_user_password_change", args=[alice.pk])
        office.post(page, {"password1": NEW, "password2": NEW, "usable_password": "true"})

        assert heard.events == [("session_ended", "password_changed", boss)]
        assert heard.fields[0]["address"] == WORK

    def test_deletes_a_user(self, alice, boss, office, heard):
        pk = str(alice.pk)
        office.post(reverse("admin:auth_user_delete", args=[alice.pk]), {"post": "yes"})

        assert heard.events == [("session_ended", "user_deleted", boss)]
        assert heard.fields[0]["user"] == pk


class TestTheOperator:
    @pytest.mark.parametrize(
        "arguments",
        [
            lambda phone: ["--user", "alice"],
            lambda phone: ["--session", *sids()],
            lambda phone: ["--token", phone.tokens.refresh],
            lambda phone: ["--all"],
        ],
        ids=["user", "session", "refresh token", "all"],
    )
    def test_ends_a_session(self, alice, phone, heard, arguments):
        call_command("revoke", *arguments(phone), stdout=io.StringIO())

        [sid] = sids()
        assert heard.events == [("session_ended", "command", None)]
        assert heard.lines == [line("session_ended", reason="command", session=sid, user=alice.pk)]

    def test_revokes_an_access_token_once(self, alice, phone, heard):
        for _ in range(2):
            call_command("revoke", "--token", phone.tokens.access, stdout=io.StringIO())

        claims = read_access(phone.tokens.access)
        assert heard.events == [("token_revoked", "command", None)]
        assert heard.lines == [
            line(
                "token_revoked", reason="command", session=claims.sid, user=alice.pk, jti=claims.jti
            )
        ]


class TestAService:
    @pytest.fixture(autouse=True)
    def _configured(self, settings):
        settings.REVOCATION = settings.REVOCATION | {"OAUTH_CLIENTS": {NAME: SECRET}}

    def revoke(self, token):
        for _ in range(2):
            Client(REMOTE_ADDR=WORK).post(
                "/oauth/revoke",
                urlencode({"token": token}),
                content_type=FORM,
                headers=basic(),
            )

    def test_revokes_an_access_token_once(self, phone, heard):
        self.revoke(phone.tokens.access)

        assert heard.events == [("token_revoked", "oauth_revocation", None)]
        assert heard.fields[0]["jti"] == read_access(phone.tokens.access).jti
        assert heard.fields[0]["address"] == WORK

    def test_is_named_where_no_user_did_it(self, phone, heard):
        self.revoke(phone.tokens.access)
        self.revoke(phone.tokens.refresh)

        assert [said["client"] for said in heard.fields] == [NAME, NAME]
        assert [said["client"] for _, said in heard.signals] == [NAME, NAME]
        assert phone.tokens.access not in str(heard.lines)

    def test_ends_a_session_once(self, phone, heard):
        self.revoke(phone.tokens.refresh)

        assert heard.events == [("session_ended", "oauth_revocation", None)]


class TestSomeOtherCode:
    def test_says_why_itself(self, alice, boss, phone, heard):
        request = RequestFactory(REMOTE_ADDR=WORK).post("/")
        with because("admin", actor=boss, request=request):
            sessions.end_all(alice)

        assert heard.events == [("session_ended", "admin", boss)]
        assert heard.fields[0]["address"] == WORK

    def test_cannot_say_what_the_vocabulary_lacks(self):
        with pytest.raises(ValueError, match="boredom"), because("boredom"):
            pass

    def test_need_not_say_why(self, alice, phone, heard):
        sessions.end_all(alice)

        assert heard.events == [("session_ended", "unknown", None)]

    def test_says_why_a_user_is_saved(self, alice, boss, phone, heard):
        alice.is_active = False
        with because(Reason.ADMIN, actor=boss):
            alice.save()

        assert heard.events == [("session_ended", "admin", boss)]

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda user: user.set_password(NEW), "password_changed"),
            (lambda user: setattr(user, "is_active", False), "user_deactivated"),
        ],
    )
    def test_saves_a_user(self, alice, phone, heard, change, reason):
        change(alice)
        alice.save()

        assert heard.events == [("session_ended", reason, None)]

    def test_that_listens_does_what_it_does_for_no_reason_of_ours(self, alice, phone, heard):
        def end_others(session, **_):
            signals.session_opened.disconnect(end_others)
            sessions.end_all(session.user, but=session.pk)

        signals.session_opened.connect(end_others)
        sign_in(alice)

        assert heard.events == [
            ("session_opened", "sign_in", alice),
            ("session_ended", "unknown", None),
        ]

    def test_that_raises_keeps_nobody_from_hearing_and_undoes_nothing(self, phone, heard, caplog):
        def fail(**_):
            raise RuntimeError

        signals.session_ended.connect(fail)
        signals.session_ended.receivers.insert(0, signals.session_ended.receivers.pop())
        answer = phone(LOGOUT)
        signals.session_ended.disconnect(fail)

        assert answer.data == {"logout": {"ok": True}}
        assert len(heard.signals) == len(heard.records) == 1
        assert "RuntimeError" in caplog.text


class TestOccasions:
    def test_the_innermost_says_why_and_the_outer_request_is_kept(self):
        with because("logout", actor=OWNER, request="a request"), because("session_cap"):
            occasion = occasions.current()

        assert (occasion.reason, occasion.actor) == (Reason.SESSION_CAP, None)
        assert occasion.request == "a request"
        assert not occasions.is_known()

    def test_it_is_over_when_the_verb_has_failed(self):
        with pytest.raises(KeyError), because("logout"):
            raise KeyError

        assert not occasions.is_known()


class TestLines:
    def test_no_value_can_end_its_line_or_its_pair(self):
        forged = 'x\nevent=session_ended actor=1\r\x1b[2J\u2028" \ud800'

        said = audit.line_of({"event": "locked_out", "user": forged})

        assert len(said.splitlines()) == 1
        assert said.isascii()
        assert said.isprintable()
        assert said.startswith('event=locked_out user="x\\nevent')

    def test_a_record_has_every_field_for_formatters_of_others(self, alice, phone, heard):
        phone(LOGOUT)

        [record] = heard.records
        assert tuple(record.audit) == audit.FIELDS
        assert record.audit["jti"] is None

    def test_a_context_that_is_a_dictionary_has_no_address(self, alice, phone, heard):
        """As of `schema.execute(context_value={})`."""
        with because(Reason.LOGOUT, request={}):
            sessions.end_all(alice)

        [fields] = heard.fields
        assert (fields["event"], fields.get("address")) == ("session_ended", None)

    def test_nothing_is_said_of_a_protected_request(self, phone, heard):
        phone("{ me { username } sessions { id } }")

        assert heard.signals == heard.records == heard.by_django == []

    def test_a_token_alone_is_revoked_by_nobody_in_particular(self, alice, phone, heard):
        blacklist.revoke_token(read_access(phone.tokens.access))

        assert heard.events == [("token_revoked", "unknown", None)]
