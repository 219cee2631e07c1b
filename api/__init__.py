"""The Django project: the deployable GraphQL API around `schema` and `revocation`."""
