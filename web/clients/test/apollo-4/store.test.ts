/** Apollo Client 4's page "Authentication", section "Reset store on logout". */

import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { beforeEach, expect, inject, test } from "vitest";
import { refusals, keepTokens } from "../support/app";
import { Browser } from "../support/browser";
import { LOG_OUT, ME, type MeData, MIXED, type MixedData } from "../support/operations";
import { signIn } from "../support/plain";
import { createAuthLink } from "./links";

const endpoint = inject("endpoint");
let browser: Browser;
let client: ApolloClient;

beforeEach(async () => {
  browser = new Browser();
  keepTokens(browser, await signIn(endpoint, "user4"));
  const httpLink = new HttpLink({ uri: endpoint, fetch: browser.fetch });
  client = new ApolloClient({ link: createAuthLink(browser).concat(httpLink), cache: new InMemoryCache() });
});

async function logOut() {
  await client.mutate({ mutation: gql(LOG_OUT) });
  browser.localStorage.clear();
}

/** Watch a query as a mounted component does; return the latest result it would show. */
function show<Data>(text: string, errorPolicy: "none" | "all") {
  const shown: { now?: { data: unknown; error?: unknown } } = {};
  client.watchQuery<Data>({ query: gql(text), errorPolicy }).subscribe((result) => (shown.now = result));
  return shown;
}

test("clearStore: what the last user saw is gone, and nothing is asked", async () => {
  await client.query<MeData>({ query: gql(ME) });
  expect(client.readQuery<MeData>({ query: gql(ME) })?.me?.username).toBe("user4");
  await logOut();
  browser.exchanges.length = 0;
  await client.clearStore();
  expect(client.readQuery({ query: gql(ME) })).toBeNull();
  expect(browser.sent).toEqual([]);
});

test("resetStore: a mounted query learns at once that nobody is signed in", async () => {
  const shown = show<MixedData>(MIXED, "all");
  await expect.poll(() => shown.now?.data).toMatchObject({ me: { username: "user4" } });
  await logOut();
  await client.resetStore();
  const { data, error } = shown.now!;
  expect(data).toEqual({ version: expect.any(String), me: null });
  expect(CombinedGraphQLErrors.is(error) && refusals(error.errors)).toEqual([
    { code: "UNAUTHENTICATED", reason: "TOKEN_MISSING" },
  ]);
  expect(browser.last.headers.get("authorization")).toBe("");
});

test("resetStore is rejected with the code where a mounted query tolerates no errors", async () => {
  const shown = show<MeData>(ME, "none");
  await expect.poll(() => shown.now?.data).toMatchObject({ me: { username: "user4" } });
  await logOut();
  const error = await client.resetStore().catch((reason: unknown) => reason);
  expect(CombinedGraphQLErrors.is(error) && refusals(error.errors)).toEqual([
    { code: "UNAUTHENTICATED", reason: "TOKEN_MISSING" },
  ]);
});
