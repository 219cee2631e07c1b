"""The API of this repository, as it is deployed: with revocation."""

import json
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from api import settings as api_settings
from revocation.claims import new_id
from revocation.models import Session
from revocation.tokens import sign_access

from .. import settings as startproject
from ..http import Application, ask
from .base import Contender

LOGOUT = "mutation { logout { ok } }"

# Django would load the apps anew, and open the database anew.
_SHARED = {"DATABASES", "INSTALLED_APPS"}


class Ours(Contender):
    """`api.wsgi` under `api.settings`, asked in its own header mode."""

    name = "ours"
    summary = "this API, tokens checked for revocation"
    is_revoking = True

    # Every setting of `api.settings` that is not the same for all anyway.
    settings: ClassVar[Mapping[str, Any]] = {
        name: value
        for name, value in vars(api_settings).items()
        if name.isupper() and name not in _SHARED and value != getattr(startproject, name, None)
    }

    def build(self) -> Application:
        """Take the application a server would import."""
        from api.wsgi import application

        return application

    def expired_token(self, user: Any) -> str:
        """Sign one for a live session: only its time can be held against it."""
        sid = Session.objects.filter(user=user, ended_at=None).values_list("pk", flat=True)[0]
        now = int(time.time())
        times = {"iat": now - 7200, "exp": now - 3600, "orig_iat": now - 7200}
        return sign_access(user, jti=new_id(), sid=sid, **times)[0]

    def revoke(self, application: Application, token: str) -> None:
        """Log out through the API."""
        body = json.dumps({"query": LOGOUT}).encode()
        answer = ask(application, self.environ(body, token)).json
        assert answer == {"data": {"logout": {"ok": True}}}, answer

    def ensure_faithful(self, headers: Mapping[str, str]) -> None:
        """Its own middleware, and the view's own media type, must have been at work."""
        assert headers["Content-Type"].startswith("application/graphql-response+json"), headers
        assert headers["Cache-Control"] == "no-store", headers
        assert {"Strict-Transport-Security", "X-Frame-Options"} <= set(headers), headers
