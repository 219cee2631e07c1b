/** Apollo Client 3's page "Authentication", section "Reset store on logout". */

import { ApolloClient, ApolloError, createHttpLink, gql, InMemoryCache } from "apollo-client-3/core";
import { beforeEach, expect, inject, test } from "vitest";
import { refusalOf, refusals, keepTokens } from "../support/app";
import { Browser } from "../support/browser";
import { LOG_OUT, ME, type MeData, MIXED } from "../support/operations";
import { signIn } from "../support/plain";
import { createAuthLink } from "./links";

const endpoint = inject("endpoint");
const missing = { code: "UNAUTHENTICATED", reason: "TOKEN_MISSING" };
let browser: Browser;
let client: ApolloClient<unknown>;

beforeEach(async () => {
  browser = new Browser();
  keepTokens(browser, await signIn(endpoint, "user9"));
  const httpLink = createHttpLink({ uri: endpoint, fetch: browser.fetch });
  client = new ApolloClient({ link: createAuthLink(browser).concat(httpLink), cache: new InMemoryCache() });
});

async function logOut() {
  await client.mutate({ mutation: gql(LOG_OUT) });
  browser.localStorage.clear();
}

test("clearStore: what the last user saw is gone", async () => {
  await client.query<MeData>({ query: gql(ME) });
  await logOut();
  await client.clearStore();
  expect(client.readQuery({ query: gql(ME) })).toBeNull();
});

test("resetStore: a mounted query learns at once that nobody is signed in", async () => {
  const mounted = client.watchQuery({ query: gql(MIXED), errorPolicy: "all" });
  mounted.subscribe(() => {});
  await expect.poll(() => mounted.getCurrentResult().data).toMatchObject({ me: { username: "user9" } });
  await logOut();
  await client.resetStore();
  const { data, errors } = mounted.getCurrentResult();
  expect(data).toEqual({ version: expect.any(String), me: null });
  expect(refusals(errors!)).toEqual([missing]);
});

test("resetStore is rejected with the code where a mounted query tolerates no errors", async () => {
  const mounted = client.watchQuery({ query: gql(ME) });
  mounted.subscribe({ error: () => {} });
  await expect.poll(() => mounted.getCurrentResult().data).toMatchObject({ me: { username: "user9" } });
  await logOut();
  const error = await refusalOf(client.resetStore());
  expect(error instanceof ApolloError && refusals(error.graphQLErrors)).toEqual([missing]);
});
