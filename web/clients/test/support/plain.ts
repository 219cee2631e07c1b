/** The API by plain `fetch`: what happens beside the client that a test is about. */

import { keepTokens } from "./app";
import type { Browser } from "./browser";
import {
  LOG_OUT,
  type Pair,
  PASSWORD,
  REFRESH,
  REFRESH_BY_COOKIE,
  type RefreshData,
  SIGN_IN,
  type SignInData,
} from "./operations";

export async function signIn(endpoint: string, username: string): Promise<Pair> {
  const { data } = await post<SignInData>(fetch, endpoint, SIGN_IN, { username, password: PASSWORD });
  return data.tokenAuth!;
}

export const logOut = (endpoint: string, { refreshToken }: Pair) =>
  post(fetch, endpoint, LOG_OUT.replace("logout", `logout(refreshToken: "${refreshToken}")`));

/**
 * Trade the stored refresh token for a new pair, store that, and return its access token; null where the API refuses.
 *
 * Links refresh this way: past all links, with no access token.
 */
export async function getNewToken(browser: Browser, endpoint: string): Promise<string | null> {
  const refreshToken = browser.localStorage.getItem("refreshToken");
  const { data } = await post<RefreshData>(browser.fetch, endpoint, REFRESH, { refreshToken });
  if (data.refreshToken) keepTokens(browser, data.refreshToken);
  return data.refreshToken?.token ?? null;
}

/** Trade the refresh token in the browser's cookie for new cookies; return whether the API did. */
export async function renewCookies(browser: Browser, endpoint: string): Promise<boolean> {
  const send: typeof fetch = (input, init) => browser.fetch(input, { ...init, credentials: "include" });
  const { data } = await post<{ refreshToken: object | null }>(send, endpoint, REFRESH_BY_COOKIE);
  return data.refreshToken !== null;
}

async function post<Data>(
  send: typeof fetch,
  endpoint: string,
  query: string,
  variables = {},
): Promise<{ data: Data }> {
  const operationName = /\w+ (\w+)/.exec(query)?.[1];
  const answer = await send(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, operationName, variables }),
  });
  return answer.json();
}
