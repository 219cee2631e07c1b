"""The mutations that contenders share. Their variables are username, password and token."""

# As django-graphql-jwt documents them: one token serves for access and refresh.
SIGN_IN = """mutation ($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) { token }
}"""
REFRESH = "mutation ($token: String!) { refreshToken(token: $token) { token } }"
LOGOUT = "mutation { logout { ok } }"

# With a refresh token of its own.
SIGN_IN_FOR_BOTH = """mutation ($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) { token refreshToken }
}"""
REFRESH_FOR_BOTH = """mutation ($token: String!) {
  refreshToken(refreshToken: $token) { token refreshToken }
}"""
