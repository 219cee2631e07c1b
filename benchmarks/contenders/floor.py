"""Django answering a constant: what no application on Django can be faster than."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import path

from .. import stage
from ..http import Application
from .base import Contender

# The only user there is has the first primary key.
ACCOUNT = {"id": "1", "username": stage.USERNAME, "email": stage.EMAIL}
BODY = json.dumps({"data": {"me": ACCOUNT}}).encode()


def answer(request: HttpRequest) -> HttpResponse:
    """Say what is right, without reading or asking anything."""
    return HttpResponse(BODY, content_type="application/json")


urlpatterns = [path("graphql", answer)]


class Floor(Contender):
    """No middleware, no GraphQL, no token, no database; it is here for scale."""

    name = "floor"
    summary = "Django answering a constant, without middleware"
    is_protecting = False
    settings: ClassVar[Mapping[str, Any]] = {"MIDDLEWARE": [], "ROOT_URLCONF": __name__}

    def sign_in(self, application: Application, user: Any) -> str:
        """Send what the others are sent; nobody reads it."""
        return "any"

    def expired_token(self, user: Any) -> str:
        """Be as good as any other token."""
        return "any"

    def ensure_faithful(self, headers: Mapping[str, str]) -> None:
        """Nothing may surround the view."""
        assert set(headers) == {"Content-Type"}, headers
