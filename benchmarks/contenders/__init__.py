"""Who takes part: one module each, all behind the interface of `base`."""

from importlib import import_module
from importlib.util import find_spec

from .base import Contender

# In the order they are shown, with the package that must be there for those that `make bench`
# installs.
_CONTENDERS = (
    ("floor", "Floor", ""),
    ("ours", "Ours", ""),
    ("ours_unchecked", "OursUnchecked", ""),
    ("django_graphql_jwt", "DjangoGraphQLJWT", ""),
    ("jwt_blacklist", "JWTBlacklist", ""),
    ("simplejwt", "SimpleJWT", "rest_framework_simplejwt"),
    ("drf_blacklist", "DRFBlacklist", ""),
    ("strawberry_auth", "StrawberryAuth", "gqlauth"),
)
# The store is ours alone: it is measured beside the scale and the usual answer.
WITH_STORE = ("floor", "ours", "django-graphql-jwt")


def load() -> list[Contender]:
    """Return the contenders that are installed. Django must be set up."""
    return [
        getattr(import_module(f"{__name__}.{module}"), name)()
        for module, name, package in _CONTENDERS
        if is_installed(package)
    ]


def missing() -> list[str]:
    """Return the packages whose contenders are left out."""
    return [package for _, _, package in _CONTENDERS if not is_installed(package)]


def is_installed(package: str) -> bool:
    """Whether a package can be imported; none always can."""
    return not package or find_spec(package) is not None
