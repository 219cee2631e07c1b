/** The query a first visitor finds; its lines fit half a laptop's screen. */
export const WELCOME = `# Only a signed-in user may ask this.
# Press ▶ and see it refused.
#
# 1. Sign in above, press ▶ again.
#    (In development: demo / demo)
# 2. Log out, press ▶ once more: the same
#    token, not yet expired, is refused
#    with TOKEN_REVOKED.

{
  me {
    username
  }
}
`;
