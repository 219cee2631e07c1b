"""Who is served, in the order they are shown."""

from .apollo import ApolloServer, ApolloServerOnPostgreSQL, ApolloServerWithKey
from .python_servers import DjangoGraphQLJWT, Floor, Ours, OursOnPostgreSQL, OursWithRedis
from .served import Served

CONTENDERS: dict[str, type[Served]] = {
    contender.name: contender
    for contender in (
        Floor,
        Ours,
        OursOnPostgreSQL,
        OursWithRedis,
        DjangoGraphQLJWT,
        ApolloServer,
        ApolloServerWithKey,
        ApolloServerOnPostgreSQL,
    )
}
