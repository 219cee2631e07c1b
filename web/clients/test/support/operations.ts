/** The operations these applications send, as text: each client parses them with its own `gql`. */

export const PASSWORD = "correct horse battery staple";

export const SIGN_IN = `mutation SignIn($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) { token refreshToken }
}`;

export const ME = "query Me { me { id username } }";

export const SESSIONS = "query Sessions { sessions { id } }";

/** A public field beside a protected one. */
export const MIXED = "query Mixed { version me { id username } }";

export const REFRESH = `mutation Refresh($refreshToken: String) {
  refreshToken(refreshToken: $refreshToken) { token refreshToken }
}`;

/** In cookie mode, where the browser keeps the tokens. */
export const SIGN_IN_BY_COOKIE = `mutation SignIn($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) { payload }
}`;
export const REFRESH_BY_COOKIE = "mutation Refresh { refreshToken { payload } }";

export const LOG_OUT = "mutation LogOut { logout { ok } }";

export interface Pair {
  token: string;
  refreshToken: string;
}
export interface SignInData {
  tokenAuth: Pair | null;
}
export interface MeData {
  me: { id: string; username: string } | null;
}
export interface SessionsData {
  sessions: { id: string }[] | null;
}
export interface MixedData extends MeData {
  version: string;
}
export interface RefreshData {
  refreshToken: Pair | null;
}
