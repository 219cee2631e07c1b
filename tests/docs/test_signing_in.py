"""The examples of docs/signing-in.md, each in the surroundings it describes."""

from types import SimpleNamespace

import graphene
import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from api.urls import urlpatterns as api_urls
from revocation.protection import ensure_decided
from revocation.testing import travel
from schema.mutation import Mutation as ServedMutation
from schema.query import Query
from tests.client import ME, PASSWORD, GraphQLClient
from tests.docs.examples import examples, run

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

PAGE = "signing-in.md"

urlpatterns = [*api_urls]


@pytest.fixture(autouse=True)
def served(settings, monkeypatch):
    """Serve these views beside the API, in cookie mode."""
    settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": True}
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": False}

    def serve(**views):
        patterns = [path(f"{name}/<path:ticket>", view) for name, view in views.items()]
        patterns += [path(name, view) for name, view in views.items()]
        monkeypatch.setattr(f"{__name__}.urlpatterns", [*patterns, *api_urls])

    return serve


class TestSingleSignOn:
    @pytest.fixture
    def browser(self, alice, served):
        [source] = examples(PAGE, "Single sign-on")
        provider = SimpleNamespace(user_of={"the code": alice}.__getitem__)
        served(callback=run(source, identity_provider=provider)["sso_callback"])
        return GraphQLClient(Client())

    def test_the_browser_that_began_is_signed_in(self, browser):
        session = browser.http.session
        session["sso_state"] = "a state"
        session.save()

        answer = browser.http.get("/callback", {"code": "the code", "state": "a state"})

        assert answer["Location"] == "/"
        assert browser(ME).data == {"me": {"username": "alice"}}

    @pytest.mark.parametrize("state", [{}, {"state": ""}, {"state": "a state"}], ids=repr)
    def test_one_that_has_not_begun_is_not(self, browser, state):
        answer = browser.http.get("/callback", {"code": "the code", **state})

        assert answer.status_code == 403
        assert browser(ME).reason == "TOKEN_MISSING"


class TestMagicLink:
    @pytest.fixture
    def example(self, served):
        [source] = examples(PAGE, "Magic link")
        example = SimpleNamespace(**run(source))
        # In the place of a template, the page that it would make.
        example.enter.__wrapped__.__globals__["render"] = lambda *_: HttpResponse("A button")
        served(enter=example.enter)
        return example

    @pytest.fixture
    def browser(self, example):
        return GraphQLClient(Client())

    @pytest.fixture
    def link(self, example, alice):
        return f"/enter/{example.ticket_for(alice)}"

    def test_the_button_signs_in_once(self, browser, link):
        assert browser.http.post(link)["Location"] == "/"
        assert browser(ME).data == {"me": {"username": "alice"}}
        assert browser.http.post(link).status_code == 403

    def test_following_the_link_alone_signs_nobody_in_and_uses_nothing_up(self, browser, link):
        browser.http.get(link)
        assert browser(ME).reason == "TOKEN_MISSING"

        browser.http.post(link)
        assert browser(ME).data == {"me": {"username": "alice"}}

    def test_it_is_good_for_ten_minutes(self, browser, link):
        with travel(minutes=11):
            assert browser.http.post(link).status_code == 403

        assert browser(ME).reason == "TOKEN_MISSING"

    def test_a_form_of_another_site_cannot_press_it(self, link):
        browser = GraphQLClient(Client(enforce_csrf_checks=True))

        assert browser.http.post(link).status_code == 403
        assert browser(ME).reason == "TOKEN_MISSING"


class TestSecondFactor:
    CHECK_PASSWORD = """mutation ($username: String!, $password: String!) {
      checkPassword(username: $username, password: $password) { ticket }
    }"""
    CHECK_CODE = """mutation ($ticket: String!, $code: String!) {
      checkCode(ticket: $ticket, code: $code) { token refreshToken }
    }"""

    @pytest.fixture
    def ask(self, alice, served, settings):
        settings.REVOCATION = settings.REVOCATION | {"DEFAULT_DENY": True}
        from django.views.decorators.csrf import csrf_exempt
        from graphene_django.views import GraphQLView

        [source] = examples(PAGE, "Second factor")
        codes = SimpleNamespace(are_right=lambda user, code: (user, code) == (alice, "123456"))
        mutation = run(source, codes=codes)["Mutation"]
        both = type("Mutation", (mutation, ServedMutation), {})
        schema = graphene.Schema(query=Query, mutation=both)
        ensure_decided(graphene.Schema(query=Query, mutation=mutation).graphql_schema)
        served(graphql=csrf_exempt(GraphQLView.as_view(schema=schema)))
        return GraphQLClient(Client())

    def ticket(self, ask, password=PASSWORD):
        data = ask(self.CHECK_PASSWORD, username="alice", password=password).data
        return data["checkPassword"]["ticket"]

    def test_password_and_code_sign_in(self, ask):
        pair = ask(self.CHECK_CODE, ticket=self.ticket(ask), code="123456").data["checkCode"]

        assert GraphQLClient(Client()).bearing(pair["token"])(ME).data
        assert ask(ME).data == {"me": {"username": "alice"}}

    def test_a_wrong_password_buys_no_ticket(self, ask):
        answer = ask(self.CHECK_PASSWORD, username="alice", password="wrong")

        assert answer.reason == "INVALID_CREDENTIALS"

    def test_a_wrong_code_signs_nobody_in(self, ask):
        answer = ask(self.CHECK_CODE, ticket=self.ticket(ask), code="654321")

        assert answer.reason == "INVALID_CREDENTIALS"
        assert ask(ME).reason == "TOKEN_MISSING"

    def test_codes_cannot_be_tried_for_ever_with_new_tickets(self, ask):
        for _ in range(10):
            ask(self.CHECK_CODE, ticket=self.ticket(ask), code="654321")

        answer = ask(self.CHECK_CODE, ticket=self.ticket(ask), code="123456")

        assert answer.reason == "RATE_LIMITED"

    def test_a_ticket_is_good_for_two_minutes(self, ask):
        ticket = self.ticket(ask)

        with travel(minutes=3):
            answer = ask(self.CHECK_CODE, ticket=ticket, code="123456")

        assert answer.reason == "INVALID_CREDENTIALS"


def test_every_sign_in_can_be_logged(alice, caplog, django_capture_on_commit_callbacks):
    import logging

    from revocation import sign_in
    from revocation.signals import session_opened

    [source] = examples(PAGE, "What was signed in, for your own log")
    note = run(source, audit=logging.getLogger("audit"))["note"]
    caplog.set_level("INFO", "audit")

    with django_capture_on_commit_callbacks(execute=True):
        sign_in(alice)
    session_opened.disconnect(note)

    assert f"signed in: user={alice.pk} session=" in caplog.text
