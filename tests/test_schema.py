"""The schema is the one clients were promised: they may find more in it, never less."""

import pytest
from graphql import GraphQLObjectType, build_schema

from schema.root import schema

PROMISED = build_schema("""
scalar DateTime
scalar GenericScalar

type Query {
  version: String!
  me: User
  sessions: [Session!]
}

type Mutation {
  tokenAuth(username: String!, password: String!): ObtainJSONWebToken
  verifyToken(token: String): Verify
  refreshToken(refreshToken: String): Refresh
  revokeToken(refreshToken: String): Revoke
  logout(refreshToken: String): Logout
  logoutAll(exceptCurrent: Boolean = false): LogoutAll
  revokeSession(id: ID!): RevokeSession
  changePassword(oldPassword: String!, newPassword: String!): ChangePassword
  deleteTokenCookie: DeleteJSONWebTokenCookie
  deleteRefreshTokenCookie: DeleteRefreshTokenCookie
}

type ObtainJSONWebToken {
  token: String!
  refreshToken: String!
  payload: GenericScalar!
  refreshExpiresIn: Int!
  expiresAt: DateTime!
  refreshExpiresAt: DateTime!
  user: User
}

type Refresh {
  token: String!
  refreshToken: String!
  payload: GenericScalar!
  refreshExpiresIn: Int!
  expiresAt: DateTime!
  refreshExpiresAt: DateTime!
}

type Verify { payload: GenericScalar! }
type Revoke { revoked: Int! }
type Logout { ok: Boolean! }
type LogoutAll { ended: Int! }
type RevokeSession { ok: Boolean! }
type ChangePassword { ok: Boolean! token: String refreshToken: String }
type DeleteJSONWebTokenCookie { deleted: Boolean! }
type DeleteRefreshTokenCookie { deleted: Boolean! }

type Session {
  id: ID!
  createdAt: DateTime!
  lastUsedAt: DateTime!
  expiresAt: DateTime!
  ipAddress: String
  userAgent: String
  current: Boolean!
}

type User { id: ID! username: String! email: String firstName: String lastName: String }
""")
FIELDS = [
    (name, field)
    for name, kind in PROMISED.type_map.items()
    if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
    for field in kind.fields
]


@pytest.mark.parametrize(("type_name", "field_name"), FIELDS)
def test_a_promised_field_has_its_type_and_arguments(type_name, field_name):
    promised = PROMISED.type_map[type_name].fields[field_name]
    served = schema.graphql_schema.type_map[type_name].fields[field_name]

    assert str(served.type) == str(promised.type)
    assert arguments(served) == arguments(promised)


@pytest.mark.parametrize("field", ["deleteTokenCookie", "deleteRefreshTokenCookie"])
def test_without_cookies_there_is_none_to_delete(graphql, field):
    answer = graphql(f"mutation {{ {field} {{ deleted }} }}")

    assert answer.data == {field: {"deleted": False}}
    assert "Set-Cookie" not in answer.headers


def arguments(field):
    return {name: (str(one.type), one.default_value) for name, one in field.args.items()}
