"""The admin shows sessions and the blacklist, ends sessions, and changes nothing else."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from revocation import sessions
from revocation.errors import RevocationUnavailable
from revocation.models import RevokedToken, Session
from revocation.tokens import read_access
from tests.client import ME

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.revocation.admin_urls")]

MODELS = [Session, RevokedToken]
SEARCHES = [
    *(
        "x",
        "'",
        '"',
        "\\",
        "%",
        "_",
        "0",
        "-1",
        "9" * 30,
        "\uff11",
        "\xe9",
        "\U0001f4a5",
        "\0",
        " ",
    ),
    *("a b c", "1.2.3.4", "::1", "None", "1 OR 1=1", "x" * 5000),
]
OK, FORBIDDEN, BAD_REQUEST = 200, 403, 400


@pytest.fixture
def rows(alice):
    """A live session, an ended one, and the blacklist entry of that."""
    sessions.open_session(alice)
    sessions.end(read_access(sessions.open_session(alice).access_token))
    return {model: list(model.objects.all()) for model in MODELS}


def url(model, page, *args):
    return reverse(f"admin:revocation_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
class TestReading:
    def test_the_list_shows_every_row(self, admin_client, rows, model):
        page = admin_client.get(url(model, "changelist"))

        assert page.status_code == OK
        assert all(row.pk in page.text for row in rows[model])

    def test_every_row_has_a_page(self, admin_client, rows, model):
        for row in rows[model]:
            page = admin_client.get(url(model, "change", row.pk))

            assert page.status_code == OK
            assert row.pk in page.text

    def test_a_search_for_a_key_finds_its_row_alone(self, admin_client, rows, model):
        wanted = rows[model][0].pk

        page = admin_client.get(url(model, "changelist"), {"q": wanted})

        assert [row.pk for row in page.context["cl"].result_list] == [wanted]

    @pytest.mark.parametrize("text", SEARCHES, ids=repr)
    def test_a_search_for_anything_is_answered(self, admin_client, rows, model, text):
        assert admin_client.get(url(model, "changelist"), {"q": text}).status_code == OK

    @pytest.mark.parametrize(
        "query",
        ["p=x", "p=-1", "o=x", "all=x", "ended_at__isempty=x", "revoked_at__year=x", "nothing=1"],
    )
    def test_nonsense_in_the_address_is_answered(self, admin_client, rows, model, query):
        page = admin_client.get(url(model, "changelist") + "?" + query, follow=True)

        assert page.status_code == OK


class TestSessions:
    @pytest.mark.parametrize("page", ["changelist", "change", "history"])
    def test_no_page_shows_the_fingerprint(self, admin_client, rows, page):
        session = rows[Session][0]
        arguments = [] if page == "changelist" else [session.pk]

        text = admin_client.get(url(Session, page, *arguments)).text

        assert session.fingerprint not in text
        assert "fingerprint" not in text

    @pytest.mark.parametrize(
        "question",
        [
            "user__password__startswith",
            "user__email",
            "fingerprint__gt",
            "fingerprint",
            "device_at",
        ],
    )
    def test_nobody_can_ask_what_no_page_shows(self, admin_client, rows, question):
        """Asked often enough, yes and no tell every letter."""
        page = admin_client.get(url(Session, "changelist"), {question: "1"})

        assert page.status_code == BAD_REQUEST

    def test_a_search_for_the_number_of_a_user_finds_their_sessions(
        self, admin_client, rows, make_user
    ):
        bob = make_user("bob")
        sessions.open_session(bob)

        page = admin_client.get(url(Session, "changelist"), {"q": str(bob.pk)})

        assert {row.user_id for row in page.context["cl"].result_list} == {bob.pk}

    @pytest.mark.parametrize("asked", ["203.0.113.9", "203.0.113.0", "203.0.113"])
    def test_a_search_for_an_address_finds_the_sessions_of_its_network(
        self, admin_client, rows, alice, asked
    ):
        request = RequestFactory(REMOTE_ADDR="203.0.113.9").post("/")
        pair = sessions.open_session(alice, request=request)

        page = admin_client.get(url(Session, "changelist"), {"q": asked})

        found = [row.pk for row in page.context["cl"].result_list]
        assert found == [pair.payload["sid"]]

    @pytest.mark.parametrize(("choice", "ended"), [("0", True), ("1", False)])
    def test_live_and_ended_ones_are_told_apart(self, admin_client, rows, choice, ended):
        page = admin_client.get(url(Session, "changelist"), {"ended_at__isempty": choice})

        assert [row.ended_at is not None for row in page.context["cl"].result_list] == [ended]

    @pytest.mark.parametrize(("choice", "count"), [("yes", 1), ("no", 2), (None, 3)])
    def test_it_tells_sessions_in_use_from_idle_ones(
        self, admin_client, rows, settings, choice, count
    ):
        idle = Session.objects.unended().get()
        Session.objects.filter(pk=idle.pk).update(rotated_at=timezone.now() - timedelta(hours=2))
        Session.objects.update(access_expires_at=timezone.now() - timedelta(hours=1))
        used = sessions.open_session(idle.user)
        settings.REVOCATION = settings.REVOCATION | {"IDLE_TIMEOUT": timedelta(hours=1)}

        page = admin_client.get(url(Session, "changelist"), {"in_use": choice} if choice else {})

        found = {row.pk for row in page.context["cl"].result_list}
        assert len(found) == count
        assert (read_access(used.access_token).sid in found) == (choice != "no")

    def test_whose_access_token_still_works_is_in_use(self, admin_client, rows, settings):
        """A timeout that was lowered ends it at its next refresh, and not before."""
        idle = Session.objects.unended().get()
        Session.objects.filter(pk=idle.pk).update(rotated_at=timezone.now() - timedelta(hours=2))
        settings.REVOCATION = settings.REVOCATION | {"IDLE_TIMEOUT": timedelta(hours=1)}

        page = admin_client.get(url(Session, "changelist"), {"in_use": "yes"})

        assert [row.pk for row in page.context["cl"].result_list] == [idle.pk]

    def test_a_session_outlives_its_user_in_the_list_and_on_its_page(
        self, admin_client, rows, alice
    ):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM auth_user WHERE id = %s", [alice.pk])

        listed = admin_client.get(url(Session, "changelist"))
        page = admin_client.get(url(Session, "change", rows[Session][0].pk))

        assert all(session.pk in listed.text for session in rows[Session])
        assert page.status_code == OK

    def test_the_list_costs_the_same_for_two_users_as_for_twenty(
        self, admin_client, make_user, django_assert_max_num_queries
    ):
        for number in range(20):
            sessions.open_session(make_user(f"user-{number}"))

        with django_assert_max_num_queries(10):
            admin_client.get(url(Session, "changelist"))


@pytest.mark.parametrize("model", MODELS)
class TestChanging:
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_no_row_can_be_added(self, admin_client, rows, model, method):
        assert getattr(admin_client, method)(url(model, "add")).status_code == FORBIDDEN
        assert model.objects.count() == len(rows[model])

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_no_row_can_be_deleted(self, admin_client, rows, model, method):
        address = url(model, "delete", rows[model][0].pk)

        answer = getattr(admin_client, method)(address, {"post": "yes"})

        assert answer.status_code == FORBIDDEN
        assert model.objects.count() == len(rows[model])

    def test_no_row_can_be_changed(self, admin_client, rows, model):
        before = list(model.objects.order_by("pk").values())
        fields = dict.fromkeys(("expires_at_0", "ended_at_0", "revoked_at_0"), "2001-01-01")

        answer = admin_client.post(url(model, "change", rows[model][0].pk), fields)

        assert answer.status_code == FORBIDDEN
        assert list(model.objects.order_by("pk").values()) == before

    def test_rows_cannot_be_deleted_in_bulk(self, admin_client, rows, model):
        chosen = [row.pk for row in rows[model]]
        form = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}

        admin_client.post(url(model, "changelist"), form)

        assert model.objects.count() == len(rows[model])

    def test_no_page_offers_to(self, admin_client, rows, model):
        listed = admin_client.get(url(model, "changelist")).text
        page = admin_client.get(url(model, "change", rows[model][0].pk)).text

        refused = url(model, "add"), url(model, "delete", rows[model][0].pk)
        for offer in ("delete_selected", 'name="_save"', *refused):
            assert offer not in listed + page


class TestWhoMayLook:
    @pytest.fixture
    def clerk(self, client, make_user):
        user = make_user("clerk", is_staff=True)
        client.force_login(user)
        return user

    @pytest.mark.parametrize("model", MODELS)
    def test_staff_without_the_permission_may_not(self, client, clerk, model):
        assert client.get(url(model, "changelist")).status_code == FORBIDDEN

    @pytest.mark.parametrize("model", MODELS)
    def test_staff_with_every_permission_may_look_and_nothing_more(
        self, client, clerk, rows, model
    ):
        clerk.user_permissions.set(
            Permission.objects.filter(content_type__model=model._meta.model_name)
        )

        assert client.get(url(model, "changelist")).status_code == OK
        assert client.post(url(model, "delete", rows[model][0].pk)).status_code == FORBIDDEN


def act(client, address, action, rows):
    form = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(address, form, follow=True)


class TestEnding:
    """What an operator does for whoever has lost a device, or an account."""

    USERS = "admin:auth_user_changelist"

    @pytest.fixture
    def pairs(self, alice, make_user):
        bob = make_user("bob")
        return [sessions.open_session(user) for user in (alice, alice, bob)]

    @pytest.fixture
    def is_in(self, graphql):
        return lambda pair: "errors" not in graphql.bearing(pair.access_token)(ME).body

    def test_chosen_sessions_end_and_others_go_on(self, admin_client, pairs, is_in):
        first = Session.objects.get(pk=pairs[0].payload["sid"])

        page = act(admin_client, url(Session, "changelist"), "end_sessions", [first])

        assert [is_in(pair) for pair in pairs] == [False, True, True]
        assert "Ended 1 session." in page.text

    def test_many_are_ended_together(self, admin_client, alice, is_in):
        """While Redis is away each write waits two seconds for it."""
        pairs = [sessions.open_session(alice) for _ in range(150)]
        form = {"action": "end_sessions", "_selected_action": ["x"], "select_across": "1"}

        with CaptureQueriesContext(connection) as asked:
            page = admin_client.post(url(Session, "changelist"), form, follow=True)

        ending = [
            one for one in asked if one["sql"].startswith("UPDATE") and "ended_at" in one["sql"]
        ]
        assert "Ended 150 sessions." in page.text
        assert len(ending) < len(pairs) / 10
        assert not any(is_in(pair) for pair in (pairs[0], pairs[-1]))

    def test_those_that_cannot_be_stored_together_are_all_named(
        self, admin_client, pairs, monkeypatch
    ):
        def fail(sids):
            raise RevocationUnavailable

        monkeypatch.setattr(sessions, "end_rows", fail)

        page = act(admin_client, url(Session, "changelist"), "end_sessions", Session.objects.all())

        [refused, said] = [message.message for message in page.context["messages"]]
        assert all(pair.payload["sid"] in refused for pair in pairs)
        assert said == "Ended 0 sessions."

    def test_one_that_has_ended_is_no_error_and_counts_for_nothing(self, admin_client, pairs):
        sessions.end_by_id(pairs[0].payload["sid"])

        page = act(admin_client, url(Session, "changelist"), "end_sessions", Session.objects.all())

        assert "Ended 2 sessions." in page.text

    def test_chosen_users_are_logged_out_everywhere(self, admin_client, alice, pairs, is_in):
        page = act(admin_client, reverse(self.USERS), "log_out_everywhere", [alice])

        assert [is_in(pair) for pair in pairs] == [False, False, True]
        assert "Ended 2 sessions." in page.text

    def test_the_history_says_who_did_it(self, admin_client, admin_user, alice, pairs):
        act(admin_client, reverse(self.USERS), "log_out_everywhere", [alice])

        entry = LogEntry.objects.get(object_id=alice.pk)
        assert (entry.user, entry.change_message) == (admin_user, "Ended 2 sessions.")

    def test_what_cannot_be_stored_is_named_and_not_called_ended(
        self, admin_client, alice, pairs, monkeypatch
    ):
        def fail(user):
            raise RevocationUnavailable

        monkeypatch.setattr(sessions, "end_all", fail)

        page = act(admin_client, reverse(self.USERS), "log_out_everywhere", [alice])

        said = [message.message for message in page.context["messages"]]
        assert said == ["alice: Service unavailable, retry later", "Ended 0 sessions."]

    @pytest.mark.parametrize("permissions", [["view_session", "view_user"], None])
    def test_it_is_offered_to_nobody_without_the_permission(
        self, client, make_user, pairs, is_in, permissions
    ):
        clerk = make_user("clerk", is_staff=True)
        allowed = Permission.objects.all()
        allowed = (
            allowed.filter(codename__in=permissions)
            if permissions
            else allowed.exclude(codename="change_session")
        )
        clerk.user_permissions.set(allowed)
        client.force_login(clerk)

        for address, action in (
            (url(Session, "changelist"), "end_sessions"),
            (reverse(self.USERS), "log_out_everywhere"),
        ):
            assert action not in client.get(address).text
            act(client, address, action, Session.objects.all())

        assert all(is_in(pair) for pair in pairs)

    def test_whoever_may_end_sessions_may_end_them_and_change_none(
        self, client, make_user, pairs, is_in
    ):
        clerk = make_user("clerk", is_staff=True)
        codenames = ["view_session", "change_session"]
        clerk.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(clerk)
        session = Session.objects.get(pk=pairs[0].payload["sid"])

        act(client, url(Session, "changelist"), "end_sessions", [session])

        assert not is_in(pairs[0])
        assert client.post(url(Session, "change", session.pk), {}).status_code == FORBIDDEN

    def test_a_search_for_a_name_finds_the_sessions_of_that_user(self, admin_client, pairs):
        page = admin_client.get(url(Session, "changelist"), {"q": "bob"})

        found = [row.pk for row in page.context["cl"].result_list]
        assert found == [pairs[2].payload["sid"]]


class TestDeletingAUser:
    def test_sessions_are_no_obstacle_and_read_as_an_inactive_user(
        self, admin_client, graphql, alice
    ):
        token = sessions.open_session(alice).access_token

        answer = admin_client.post(
            reverse("admin:auth_user_delete", args=[alice.pk]), {"post": "yes"}, follow=True
        )

        assert answer.status_code == OK
        assert not get_user_model().objects.filter(pk=alice.pk).exists()
        assert graphql.bearing(token)(ME).reason == "USER_INACTIVE"

    def test_several_at_once_is_the_same(self, admin_client, graphql, alice, make_user):
        users = [alice, make_user("bob")]
        tokens = [sessions.open_session(user).access_token for user in users]
        chosen = [user.pk for user in users]

        admin_client.post(
            reverse("admin:auth_user_changelist"),
            {"action": "delete_selected", "_selected_action": chosen, "post": "yes"},
        )

        assert [graphql.bearing(token)(ME).reason for token in tokens] == ["USER_INACTIVE"] * 2

    def test_a_deactivation_is_seen_at_once(self, admin_client, graphql, alice):
        client = graphql.bearing(sessions.open_session(alice).access_token)
        page = admin_client.get(reverse("admin:auth_user_change", args=[alice.pk]))
        form = {
            name: value
            for name, value in page.context["adminform"].form.initial.items()
            if isinstance(value, str) and name != "password"
        }
        form |= {"date_joined_0": "2020-01-01", "date_joined_1": "00:00:00"}

        admin_client.post(reverse("admin:auth_user_change", args=[alice.pk]), form)

        assert client(ME).reason == "USER_INACTIVE"
