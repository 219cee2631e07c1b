"""The API of this repository, as it is deployed: with revocation."""

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from api import settings as api_settings
from revocation.claims import AccessClaims, new_id
from revocation.conf import conf
from revocation.models import Session
from revocation.stores import current_store
from revocation.tokens import sign_access

from .. import mutations
from .. import settings as startproject
from ..http import Application, ask
from ..tokens import Tokens
from .base import QUERIES, VERBS, Contender

PATIENCE_SECONDS = 30

# Django would load the apps anew, and open the database anew.
_SHARED = {"DATABASES", "INSTALLED_APPS"}


class Ours(Contender):
    """`api.wsgi` under `api.settings`, asked in its own header mode."""

    name = "ours"
    summary = "this API, tokens checked for revocation"
    does = QUERIES | VERBS
    is_revoking = True

    sign_in_query = mutations.SIGN_IN_FOR_BOTH
    refresh_query = mutations.REFRESH_FOR_BOTH
    refresh_at = ("refreshToken",)

    # Every setting of `api.settings` that is not the same for all anyway.
    settings: ClassVar[Mapping[str, Any]] = {
        name: value
        for name, value in vars(api_settings).items()
        if name.isupper() and name not in _SHARED and value != getattr(startproject, name, None)
    } | {"ROOT_URLCONF": f"{__package__}.ours_schema"}

    def build(self) -> Application:
        """Take the application a server would import."""
        from api.wsgi import application

        _await_lease()
        return application

    def expired_token(self, user: Any) -> str:
        """Sign one for a live session: only its time can be held against it."""
        sid = Session.objects.filter(user=user, ended_at=None).values_list("pk", flat=True)[0]
        now = int(time.time())
        times = {"iat": now - 7200, "exp": now - 3600, "orig_iat": now - 7200}
        return sign_access(user, jti=new_id(), sid=sid, **times)[0]

    def revoke(self, application: Application, token: str) -> None:
        """Log out through the API."""
        answer = ask(application, self.logout_request(Tokens(token, token)))
        assert self.is_logged_out(answer), answer

    def ensure_faithful(self, headers: Mapping[str, str]) -> None:
        """Its own middleware, and the view's own media type, must have been at work."""
        assert headers["Content-Type"].startswith("application/graphql-response+json"), headers
        assert headers["Cache-Control"] == "no-store", headers
        assert {"Strict-Transport-Security", "X-Frame-Options"} <= set(headers), headers


def _await_lease() -> None:
    """Wait until the store knows its quicker way, if it has one, as it soon does in a worker."""
    claims = AccessClaims(sub="0", jti=new_id(), sid=new_id(), exp=0, verified={})
    deadline = time.monotonic() + PATIENCE_SECONDS
    while conf().store != "database" and current_store().glance(claims) is None:
        assert time.monotonic() < deadline, "Redis is not believed; `rebuild_store` says why."
        time.sleep(0.05)
