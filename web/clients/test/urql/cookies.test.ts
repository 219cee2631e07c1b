/** urql with cookies, in a page of another origin: it asks by GET, and that must show that the browser asked first. */

import { cacheExchange, type ClientOptions, CombinedError, createClient, fetchExchange } from "@urql/core";
import { authExchange } from "@urql/exchange-auth";
import { persistedExchange } from "@urql/exchange-persisted";
import { describe, expect, inject, test } from "vitest";
import { describeSession, refusalOf, type SetUp } from "../support/app";
import { Browser } from "../support/browser";
import { ME, PASSWORD, REFRESH_BY_COOKIE, SIGN_IN_BY_COOKIE } from "../support/operations";
import { answered, createApp, refusalsIn } from "./app";

const endpoint = inject("cookieEndpoint");
const page = inject("page");

const AS_IT_IS: Partial<ClientOptions> = { fetchOptions: { credentials: "include" } };
const ASKED_ABOUT: Partial<ClientOptions> = {
  fetchOptions: { credentials: "include", headers: { "apollo-require-preflight": "true" } },
};
const BY_POST: Partial<ClientOptions> = { ...AS_IT_IS, preferGetMethod: false };

const setUp = (options: Partial<ClientOptions>): SetUp => ({
  open(browser) {
    const createOurs = () =>
      createClient({
        url: endpoint,
        fetch: browser.fetch,
        exchanges: [
          cacheExchange,
          authExchange(async (utils) => ({
            addAuthToOperation: (operation) => operation,
            didAuthError: (error) =>
              error.graphQLErrors.some(({ extensions }) => extensions["code"] === "UNAUTHENTICATED"),
            async refreshAuth() {
              await utils.mutate(REFRESH_BY_COOKIE, {});
            },
          })),
          fetchExchange,
        ],
        ...options,
      });
    return createApp(createOurs, browser, SIGN_IN_BY_COOKIE);
  },
  refusalsIn,
});

describeSession("urql with cookies and a header that is asked about", "user14", setUp(ASKED_ABOUT), { endpoint, page });
describeSession("urql with cookies, by POST", "user14", setUp(BY_POST), { endpoint, page });

describe("urql with cookies, as it is", () => {
  const missing = { code: "BAD_REQUEST", reason: "PREFLIGHT_REQUIRED" };

  test("a query is refused, and the application reads what is missing", async () => {
    const browser = new Browser(page);
    const app = setUp(AS_IT_IS).open(browser, endpoint);
    await app.signIn("user14", PASSWORD);
    const error = await refusalOf(app.whoAmI());
    expect(refusalsIn(error)).toEqual([missing]);
    expect((error as CombinedError).message).toContain("Apollo-Require-Preflight");
  });

  test("a persisted query is refused alike, and not asked for its text", async () => {
    const browser = new Browser(page);
    const exchanges = [cacheExchange, persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange];
    const client = createClient({ url: endpoint, fetch: browser.fetch, exchanges, ...AS_IT_IS });
    expect(refusalsIn(await refusalOf(client.query(ME, {}).toPromise().then(answered)))).toEqual([missing]);
    expect(browser.sent).toEqual(["Me"]);
  });
});
