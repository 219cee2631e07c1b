"""graphene-django's view behind Django REST Framework's checks, as people wrap it."""

from typing import Any

from django.http import HttpRequest
from graphene_django.views import GraphQLView
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.request import Request


class DRFGraphQLView(GraphQLView):
    """Takes requests that Django REST Framework has looked at."""

    def parse_body(self, request: HttpRequest | Request) -> Any:
        """Take the body that Django REST Framework has parsed."""
        return request.data if isinstance(request, Request) else super().parse_body(request)


def behind_permissions(authentication: list[type], permissions: list[type]) -> Any:
    """Return the view wrapped in authentication and permissions."""
    view = permission_classes(permissions)(DRFGraphQLView.as_view())
    view = authentication_classes(authentication)(view)
    return api_view(["GET", "POST"])(view)
