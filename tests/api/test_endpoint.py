"""What serves pages alone is spared the endpoint, and it alone; what is for all stays for all."""

import gc
import re
import weakref
from collections import Counter

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import AsyncClient, Client
from django.urls import path

from revocation import sessions
from tests.api.endpoint import urlpatterns as endpoint

QUERY = {"query": "{ version }"}
FOR_PAGES = (
    SessionMiddleware,
    CsrfViewMiddleware,
    AuthenticationMiddleware,
    MessageMiddleware,
)
SESSION = "django.contrib.sessions.middleware.SessionMiddleware"

urlpatterns = [path("graphql", lambda request: HttpResponse("done")), *endpoint]


@pytest.fixture
def issued_token(alice):
    return {"Authorization": f"Bearer {sessions.open_session(alice).access_token}"}


@pytest.fixture
def calls(monkeypatch):
    """How many requests each kind of middleware has looked at."""
    seen = Counter()
    for kind in FOR_PAGES:
        monkeypatch.setattr(kind, "process_request", counted(kind.process_request, seen, kind))
    return seen


def counted(method, seen, kind):
    def call(self, request):
        seen[kind] += 1
        return method(self, request)

    return call


seen = []


def seeing(get_response):
    def answer(request):
        seen.append(weakref.ref(request))
        return get_response(request)

    return answer


class OwnSession(SessionMiddleware):
    """As projects write theirs."""


def own_middleware(get_response):
    def answer(request):
        response = get_response(request)
        response.headers["X-Own"] = "yes"
        return response

    return answer


class TestWhatServesPages:
    def test_looks_at_no_request_of_the_endpoint(self, http, calls):
        assert http.post(QUERY).json() == {"data": {"version": "1"}}
        assert not calls

    @pytest.mark.usefixtures("http")
    def test_looks_at_none_under_asgi_either(self, calls):
        post = async_to_sync(AsyncClient().post)

        answer = post("/graphql", QUERY, content_type="application/json")

        assert answer.json() == {"data": {"version": "1"}}
        assert not calls

    @pytest.mark.django_db
    def test_looks_at_those_of_the_admin(self, client, calls):
        page = client.get("/admin/login/")

        assert page.status_code == 200
        assert "csrftoken" in page.cookies
        assert set(calls) == set(FOR_PAGES)

    @pytest.mark.django_db
    def test_still_signs_one_in_there(self, client, django_user_model):
        django_user_model.objects.create_superuser("root", password="root")

        client.post("/admin/login/?next=/admin/", {"username": "root", "password": "root"})

        assert "Site administration" in client.get("/admin/").text

    def test_still_keeps_other_sites_from_a_view_that_does_not_by_itself(self, settings):
        settings.ROOT_URLCONF = __name__

        assert Client(enforce_csrf_checks=True).post("/graphql").status_code == 403


class TestWhatIsForAll:
    @pytest.mark.parametrize("is_secure", [True, False], ids=["https", "http"])
    def test_says_the_same_headers_of_an_answer_as_of_a_page(self, http, settings, is_secure):
        settings.SECURE_HSTS_SECONDS = 60
        page = http.client.get("/nowhere", secure=is_secure)
        answer = http.client.get("/graphql", {"query": "{ version }"}, secure=is_secure)

        assert ("Strict-Transport-Security" in answer.headers) == is_secure
        assert len(page.headers) > 5
        for name in set(page.headers) - {"Content-Length", "Content-Type"}:
            assert answer.headers[name] == page.headers[name]

    def test_counts_the_bytes_of_an_answer(self, http):
        answer = http.post(QUERY)

        assert answer.headers["Content-Length"] == str(len(answer.content))

    def test_sends_plain_http_to_https(self, http, settings):
        settings.SECURE_SSL_REDIRECT = True

        plain = http.client.get("/graphql", {"query": "{ version }"})
        secure = http.client.get("/graphql", {"query": "{ version }"}, secure=True)

        assert plain.status_code == 301
        assert plain.headers["Location"].startswith("https://testserver/graphql?query=")
        assert secure.status_code == 200

    def test_is_not_bound_to_the_first_request(self, http, settings):
        settings.SECURE_HSTS_SECONDS = 60
        schemes = [False, True, False, True]

        answers = [http.client.get("/graphql", secure=is_secure) for is_secure in schemes]

        assert ["Strict-Transport-Security" in one.headers for one in answers] == schemes


class TestAHostThatWasLetIn:
    @pytest.fixture
    def status(self, http):
        assert http.post(QUERY, host="api.example.com").status_code == 200

        def ask(**headers):
            return http.post(QUERY, **{"host": "api.example.com", **headers}).status_code

        return ask

    @pytest.fixture(autouse=True)
    def _allowed(self, settings):
        settings.ALLOWED_HOSTS = ["api.example.com"]

    def test_lets_in_no_other(self, status):
        assert status(host="api.example.com:8000") == 200
        assert status(host="evil.example") == 400
        assert status() == 200

    def test_is_refused_once_it_is_no_longer_allowed(self, status, settings):
        settings.ALLOWED_HOSTS = ["other.example.com"]

        assert status() == 400

    def test_does_not_answer_for_a_forwarded_one(self, status, settings):
        settings.USE_X_FORWARDED_HOST = True

        assert [status(), status(x_forwarded_host="evil.example")] == [200, 400]

    def test_does_not_answer_for_an_agent_that_is_not_wanted(self, status, settings):
        settings.DISALLOWED_USER_AGENTS = [re.compile("Nosy")]

        assert [status(), status(user_agent="Nosy/1.0")] == [200, 403]

    def test_is_asked_about_once(self, status, monkeypatch):
        asked = []
        monkeypatch.setattr(
            HttpRequest, "get_host", lambda request: asked.append(1) or "api.example.com"
        )

        status()

        assert not asked

    def test_is_asked_about_once_whatever_strangers_put_behind_a_name(self, status, monkeypatch):
        for port in range(200):
            status(host=f"api.example.com:{port}")
        asked = []
        monkeypatch.setattr(
            HttpRequest, "get_host", lambda request: asked.append(1) or "api.example.com"
        )

        for _ in range(2):
            status(host="api.example.com:200")

        assert len(asked) == 1


class TestMiddlewareNobodyHereKnows:
    def test_is_the_endpoints_too_wherever_it_stands(self, http, settings, calls):
        ours = f"{__name__}.own_middleware"
        for position in range(len(settings.MIDDLEWARE) + 1):
            middleware = [*settings.MIDDLEWARE]
            middleware.insert(position, ours)
            with_own(http, settings, middleware)

            assert http.post(QUERY).headers["X-Own"] == "yes"

    def test_is_the_endpoints_too_if_it_descends_from_djangos(self, http, settings, calls):
        own = f"{__name__}.OwnSession"
        middleware = [own if one == SESSION else one for one in settings.MIDDLEWARE]
        with_own(http, settings, middleware)

        http.post(QUERY)

        assert calls[SessionMiddleware] == 1


def with_own(http, settings, middleware):
    settings.MIDDLEWARE = middleware
    http.client = Client(raise_request_exception=False)


@pytest.mark.django_db
@pytest.mark.usefixtures("_keeping_connections")
def test_nothing_of_a_request_waits_for_the_garbage_collector(settings, rf, issued_token):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.seeing"]
    body = {"query": "{ me { username } }"}
    request = rf.post("/graphql", body, "application/json", headers=issued_token)
    gc.collect()
    gc.disable()
    try:
        answer = WSGIHandler()(request.environ, lambda *_: None)
        assert b"alice" in b"".join(answer)
        answer.close()
        del answer
        assert seen.pop()() is None
    finally:
        gc.enable()
