"""This API's GraphQL schema. It composes; the verbs are in `revocation`."""
