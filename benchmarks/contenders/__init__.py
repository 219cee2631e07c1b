"""Who takes part: one module each, all behind the interface of `base`."""

from .base import Contender


def load() -> list[Contender]:
    """Return the contenders in the order they are shown. Django must be set up."""
    from .django_graphql_jwt import DjangoGraphQLJWT
    from .drf_blacklist import DRFBlacklist
    from .floor import Floor
    from .ours import Ours

    return [Floor(), Ours(), DjangoGraphQLJWT(), DRFBlacklist()]
