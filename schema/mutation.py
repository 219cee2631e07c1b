"""Root mutation fields."""

from revocation.graphql import Mutations


class Mutation(Mutations):
    """What can be done: sign in, refresh, log out and their kin."""
