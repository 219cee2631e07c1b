/** The three mutations the session panel sends, and the shapes of their answers. */

import type { TokenPair } from "./session";

export interface Grant extends TokenPair {
  expiresAt: string;
  payload: { iat?: number } | null;
}

const GRANT = "token refreshToken expiresAt payload";

export const SIGN_IN = `mutation SignIn($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) { ${GRANT} user { username } }
}`;
export interface SignInData {
  tokenAuth: (Grant & { user: { username: string } | null }) | null;
}

export const REFRESH = `mutation Refresh($refreshToken: String!) {
  refreshToken(refreshToken: $refreshToken) { ${GRANT} }
}`;
export interface RefreshData {
  refreshToken: Grant | null;
}

export const LOG_OUT = "mutation LogOut { logout { ok } }";
export interface LogOutData {
  logout: { ok: boolean } | null;
}
