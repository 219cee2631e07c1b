"""Who is served, in the order they are shown."""

from .apollo import ApolloServer, ApolloServerOnPostgreSQL, ApolloServerWithKey
from .python_servers import Ours, OursOnPostgreSQL, OursWithRedis
from .served import Served
from .strangers import (
    DjangoGraphQLJWT,
    DjangoGraphQLJWTOnPostgreSQL,
    DRFBlacklist,
    Floor,
    JWTBlacklist,
    SimpleJWT,
    StrawberryAuth,
)

CONTENDERS: dict[str, type[Served]] = {
    contender.name: contender
    for contender in (
        Floor,
        Ours,
        OursOnPostgreSQL,
        OursWithRedis,
        DjangoGraphQLJWT,
        DjangoGraphQLJWTOnPostgreSQL,
        JWTBlacklist,
        SimpleJWT,
        DRFBlacklist,
        StrawberryAuth,
        ApolloServer,
        ApolloServerWithKey,
        ApolloServerOnPostgreSQL,
    )
}
