"""Every question about the settings that say which services may ask about tokens."""

from collections.abc import Iterator, Mapping

from .problem import Problem
from .written import own_setting

# Nobody counts wrong guesses here: the secret must be too long for guessing.
FEWEST_CHARACTERS = 32


def oauth_problems() -> Iterator[Problem]:
    """Ask them; the message names the client, never what its secret is."""
    clients = own_setting("OAUTH_CLIENTS")
    if not isinstance(clients, Mapping):
        yield _problem("is no dictionary of names and secrets")
        return
    for name, secret in clients.items():
        if not isinstance(name, str) or not name:
            yield _problem("has a client without a name")
        elif not isinstance(secret, str) or len(secret) < FEWEST_CHARACTERS:
            fact = f"has a secret of fewer than {FEWEST_CHARACTERS} characters, that of {name!r}"
            yield _problem(fact)


def _problem(fact: str) -> Problem:
    return Problem(
        "revocation.E018",
        f"REVOCATION['OAUTH_CLIENTS'] {fact}.",
        'Make a secret, python -c "import secrets; print(secrets.token_hex(32))", and set '
        'REVOCATION["OAUTH_CLIENTS"] = {"billing": secret}.',
    )
