/** An application with a session, and what it may expect of the API whatever its GraphQL client is. */

import { describe, expect, inject, test } from "vitest";
import { Browser } from "./browser";
import { PASSWORD, type Pair } from "./operations";
import { expired } from "./tokens";

/** Its promises are rejected with the client's own errors. */
export interface App {
  signIn(username: string, password: string): Promise<unknown>;
  whoAmI(): Promise<string | undefined>;
  countSessions(): Promise<number | undefined>;
  logOut(): Promise<unknown>;
}

export interface Refusal {
  code: unknown;
  reason?: unknown;
}

export interface SetUp {
  /** What the client's documentation says, with the API's endpoint and our operations. */
  open(browser: Browser, endpoint: string): App;
  /** The errors the API answered, read from what the client rejects with as its documentation says. */
  refusalsIn(error: unknown): Refusal[];
}

/** Return what the API said, of the errors that reach the application. */
export const refusals = (errors: readonly { extensions?: Record<string, unknown> | undefined }[]): Refusal[] =>
  errors.map(({ extensions }) => ({ code: extensions?.["code"], reason: extensions?.["reason"] }));

/** Keep the tokens of an answer as the pages of all these clients do; in cookie mode it has none. */
export function keepTokens({ localStorage }: Browser, { token, refreshToken }: Partial<Pair>) {
  if (token) localStorage.setItem("token", token);
  if (refreshToken) localStorage.setItem("refreshToken", refreshToken);
}

/** Return what a promise is rejected with; it must be. */
export const refusalOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => expect.fail(`Answered: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );

/** Let the time of the access token pass that a browser holds. */
function letExpire({ localStorage, cookies }: Browser) {
  const [stored, cookie] = [localStorage.getItem("token"), cookies.get("JWT")];
  if (stored) localStorage.setItem("token", expired(stored));
  if (cookie) cookies.set("JWT", expired(cookie));
}

/** The API, and the origin of the application's page where that is not the API's own. */
interface Place {
  endpoint: string;
  page?: string;
}

/** The tests of a session, for one set-up and one user of the API. */
export function describeSession(
  name: string,
  username: string,
  { open, refusalsIn }: SetUp,
  { endpoint, page }: Place = { endpoint: inject("endpoint") },
) {
  const start = (browser = new Browser(page)) => ({ browser, app: open(browser, endpoint) });

  async function signIn() {
    const started = start();
    await started.app.signIn(username, PASSWORD);
    return started;
  }

  /** Sign in, and open the page again when the access token's time has passed. */
  async function comeBackLater() {
    const { browser } = await signIn();
    const later = browser.copy();
    letExpire(later);
    return start(later);
  }

  const refused = async (promise: Promise<unknown>) => refusalsIn(await refusalOf(promise));

  describe(name, () => {
    test("signs in, and a protected query is answered", async () => {
      const { app } = await signIn();
      expect(await app.whoAmI()).toBe(username);
    });

    test("a wrong password reaches the application as INVALID_CREDENTIALS", async () => {
      const { app } = start();
      const wrong = { code: "INVALID_CREDENTIALS", reason: "INVALID_CREDENTIALS" };
      expect(await refused(app.signIn(username, "wrong"))).toEqual([wrong]);
    });

    test("signed out, a protected query is refused with TOKEN_MISSING", async () => {
      const { app } = start();
      expect(await refused(app.whoAmI())).toEqual([{ code: "UNAUTHENTICATED", reason: "TOKEN_MISSING" }]);
    });

    test("an expired token is refreshed once, and the query answered", async () => {
      const { browser, app } = await comeBackLater();
      expect(await app.whoAmI()).toBe(username);
      expect(browser.sent).toEqual(["Me", "Refresh", "Me"]);
      expect(await app.whoAmI()).toBe(username);
      expect(browser.sent).toEqual(["Me", "Refresh", "Me", "Me"]);
    });

    test("queries that find their token expired together are all answered", async () => {
      const { app } = await comeBackLater();
      const [name, sessions] = await Promise.all([app.whoAmI(), app.countSessions()]);
      expect(name).toBe(username);
      expect(sessions).toBeGreaterThan(0);
      expect(await app.whoAmI()).toBe(username);
    });

    test("after logout a copy of the token is refused with TOKEN_REVOKED, and refreshes no more", async () => {
      const { browser, app } = await signIn();
      const thief = start(browser.copy());
      expect(await thief.app.whoAmI()).toBe(username);
      await app.logOut();
      thief.browser.exchanges.length = 0;
      const revoked = { code: "UNAUTHENTICATED", reason: "TOKEN_REVOKED" };
      expect(await refused(thief.app.whoAmI())).toEqual([revoked]);
      expect(thief.browser.sent.filter((name) => name === "Refresh")).toHaveLength(1);
    });

    test("signing in again works while the dead token of the last session is still sent", async () => {
      const { browser, app } = await signIn();
      const forgetful = start(browser.copy());
      await app.logOut();
      await forgetful.app.signIn(username, PASSWORD);
      expect(await forgetful.app.whoAmI()).toBe(username);
    });
  });
}
