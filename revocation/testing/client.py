"""Django's test client, bearing a token."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.test import Client, RequestFactory

if TYPE_CHECKING:
    from ..issue import TokenPair


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a GraphQL operation: Django's response, and its body."""

    response: Any
    body: dict[str, Any]

    @property
    def data(self) -> dict[str, Any] | None:
        """What the fields said."""
        return self.body.get("data")

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The errors, if there are any."""
        found: list[dict[str, Any]] = self.body.get("errors", [])
        return found

    @property
    def reasons(self) -> list[str]:
        """The reason of each error, or its code, or else its message."""
        return [_reason_of(error) for error in self.errors]


class TokenClient(Client):
    """Signs in without a password and is believed for its token alone, like any other client.

    The session is a real one, with its row, its signals and its end. Every request of the client
    bears the access token, until `forget`; one that was revoked or has expired as well.
    """

    graphql_path = "/graphql"
    # Of the latest sign-in or refresh.
    tokens: "TokenPair | None" = None

    def sign_in(self, user: Any) -> "TokenPair":
        """Open a session for a user, as on a device of their own. Raises as `sign_in` does."""
        from ..signing_in import sign_in

        return self._bear(sign_in(user, request=self._request()))

    def refresh(self) -> "TokenPair":
        """Exchange the refresh token for the next pair. Raises `RefreshRejected`."""
        from .. import sessions
        from ..tokens import read_refresh

        claims = read_refresh(self._pair().refresh_token)
        return self._bear(sessions.rotate(claims, request=self._request()))

    def revoke(self) -> None:
        """End the session, as a logout would; the client goes on presenting its token."""
        from .. import sessions
        from ..occasions import OWNER, Reason, because
        from ..tokens import read_refresh

        with because(Reason.LOGOUT, actor=OWNER, request=self._request()):
            sessions.end(read_refresh(self._pair().refresh_token, is_expired_ok=True))

    def forget(self) -> None:
        """Present no token any more; the session goes on."""
        from ..conf import conf

        self.tokens = None
        self.defaults.pop(conf().auth_header, None)

    def query(self, text: str, /, **variables: Any) -> Answer:
        """Send a GraphQL operation to `graphql_path`."""
        response = self.post(
            self.graphql_path,
            {"query": text, "variables": variables},
            content_type="application/json",
        )
        return Answer(response, response.json())

    def _bear(self, pair: "TokenPair") -> "TokenPair":
        from ..conf import conf

        self.tokens = pair
        self.defaults[conf().auth_header] = f"Bearer {pair.access_token}"
        return pair

    def _pair(self) -> "TokenPair":
        if self.tokens is None:
            raise RuntimeError("Nobody has signed in with this client: call sign_in(user) first.")
        return self.tokens

    def _request(self) -> Any:
        """The request that signs in, so that the session is listed with this client's device."""
        known: dict[str, Any] = self.defaults
        requests = RequestFactory(**known)
        return requests.post(self.graphql_path, content_type="application/json")


def _reason_of(error: dict[str, Any]) -> str:
    extensions = error.get("extensions") or {}
    known = [extensions.get("reason"), extensions.get("code"), error["message"]]
    return next(str(word) for word in known if word)
