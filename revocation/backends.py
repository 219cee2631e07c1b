"""Django's own authentication backend, where wrong passwords are counted.

For doors beside our GraphQL fields, such as the admin's log-in page, which share the counters. A
hash that is made anew at one of them signs nobody out either.
"""

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied

from . import attempts, passwords
from .errors import InvalidCredentials, RevocationUnavailable, TooManyAttempts


class CountingModelBackend(ModelBackend):
    """Put it in `AUTHENTICATION_BACKENDS` in place of `ModelBackend`."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        """Return the user, or None. Django hears of too many attempts as `PermissionDenied`."""
        name = kwargs.get(get_user_model().USERNAME_FIELD) if username is None else username
        if name is None or password is None:
            return None
        try:
            with attempts.signing_in(str(name), request=request):
                return self._compared(request, name, password)
        except InvalidCredentials:
            return None
        except (TooManyAttempts, RevocationUnavailable) as refusal:
            raise PermissionDenied(str(refusal)) from refusal

    async def aauthenticate(self, request: Any, *names: Any, **credentials: Any) -> Any:
        """As `authenticate`."""
        return await sync_to_async(self.authenticate)(request, *names, **credentials)

    def _compared(self, request: Any, username: str, password: str) -> Any:
        if passwords.is_holding_rehash():
            return self._found(request, username, password)
        checked = passwords.stored_hash(username)
        with passwords.holding_rehash():
            user = self._found(request, username, password)
        passwords.follow_rehash(user, password=password, checked=checked)
        return user

    def _found(self, request: Any, username: str, password: str) -> Any:
        user = super().authenticate(request, username, password)
        if user is None:
            raise InvalidCredentials
        return user
