"""What a protected request costs, counted in calls: seconds depend on the machine."""

import sys

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.urls import path

from revocation import sessions

ME = {"query": "{ me { id username email } }"}
ANSWER = b'{"data":{"me":{"id":"1","username":"alice","email":"alice@example.com"}}}'

urlpatterns = [path("graphql", lambda request: HttpResponse(ANSWER, "application/json"))]


@pytest.fixture
def cost(rf):
    """Count the calls, of C functions too, that an application makes for one request."""

    def measure(application, **headers):
        # What the first ones look up, the others know.
        for _ in range(3):
            request = rf.post("/graphql", ME, "application/json", headers=headers)
            body, calls = counted(application, request.environ)
        return body, calls

    return measure


def counted(application, environ):
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        answer = application(environ, lambda status, headers: None)
        body = b"".join(answer)
        answer.close()
    finally:
        sys.setprofile(None)
    return body, calls


@pytest.fixture
def floor(cost, settings):
    """Django answering a constant without middleware: what nothing on Django can undercut."""
    middleware, urls = settings.MIDDLEWARE, settings.ROOT_URLCONF
    settings.MIDDLEWARE, settings.ROOT_URLCONF = [], __name__
    _, calls = cost(WSGIHandler())
    settings.MIDDLEWARE, settings.ROOT_URLCONF = middleware, urls
    return calls


@pytest.mark.django_db
@pytest.mark.usefixtures("_keeping_connections")
def test_a_protected_request_makes_less_than_three_times_the_calls_of_a_constant_answer(
    cost, floor, make_user
):
    alice = make_user("alice", email="alice@example.com")
    token = sessions.open_session(alice).access_token

    body, calls = cost(WSGIHandler(), Authorization=f"Bearer {token}")

    assert b'"username":"alice"' in body
    assert calls < 3 * floor
