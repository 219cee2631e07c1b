"""A mutation asked for in one of the two forms that django-graphql-jwt has for each."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from django.test import Client

from tests.client import PASSWORD

FORMS = ("plain", "relay")
ME = "{ me { username } }"


@dataclass(frozen=True)
class Answer:
    """What came back for one field."""

    body: Any
    response: Any

    @property
    def message(self) -> str:
        """The text of the only error."""
        [error] = self.body["errors"]
        return error["message"]

    @property
    def data(self) -> Any:
        """The payload of the only field."""
        assert "errors" not in self.body, self.body
        [payload] = self.body["data"].values()
        return payload


@dataclass(frozen=True)
class FrontEnd:
    """Asks as a front end written for django-graphql-jwt does, in one of the forms."""

    form: str
    http: Client
    headers: dict[str, str] = field(default_factory=dict)

    def bearing(self, token: str) -> "FrontEnd":
        return replace(self, headers={"Authorization": f"JWT {token}"})

    def ask(self, query: str) -> Answer:
        response = self.http.post(
            f"/{self.form}",
            {"query": query},
            content_type="application/json",
            headers=self.headers,
        )
        return Answer(response.json(), response)

    def mutate(self, name: str, selection: str, **arguments: Any) -> Answer:
        """Ask for one mutation field; for Relay, see that its `clientMutationId` comes back."""
        if self.form != "relay":
            given = _written(arguments)
            return self.ask(f"mutation {{ {name}{f'({given})' * bool(given)} {{ {selection} }} }}")
        given = _written({**arguments, "clientMutationId": "seven"})
        answer = self.ask(
            f"mutation {{ {name}(input: {{{given}}}) {{ {selection} clientMutationId }} }}"
        )
        payload = (answer.body["data"] or {}).get(name)
        assert payload is None or payload.pop("clientMutationId") == "seven"
        return answer

    def sign_in(self, username: str = "alice", password: str = PASSWORD, more: str = "") -> Any:
        selection = f"token payload refreshExpiresIn {more}"
        return self.mutate("tokenAuth", selection, username=username, password=password).data


def _written(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {json.dumps(value)}" for name, value in arguments.items())
