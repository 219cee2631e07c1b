/** Apollo Client 4's page "Persisted Queries Link": automatic persisted queries. */

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { expect, inject, test } from "vitest";
import { Browser } from "../support/browser";
import { PASSWORD, SIGN_IN } from "../support/operations";
import { describePersisted, newName, type PersistedSetUp, sha256, summary } from "../support/persisted";
import { refusalsIn } from "./app";
import { createAuthLink } from "./links";

function createClient(browser: Browser, endpoint: string, options: { useGETForHashedQueries?: boolean } = {}) {
  const persistedLink = new PersistedQueryLink({ sha256, ...options });
  const httpLink = new HttpLink({ uri: endpoint, fetch: browser.fetch });
  const link = ApolloLink.from([createAuthLink(browser), persistedLink, httpLink]);
  return new ApolloClient({ link, cache: new InMemoryCache() });
}

const setUp = (options: { useGETForHashedQueries?: boolean }): Pick<PersistedSetUp, "open" | "refusalsIn"> => ({
  open(browser, endpoint) {
    const client = createClient(browser, endpoint, options);
    return async (query) => (await client.query({ query: gql(query), fetchPolicy: "network-only" })).data;
  },
  refusalsIn,
});

describePersisted("by POST", "user6", { ...setUp({}), sends: { hash: "POST", text: "POST" } });
describePersisted("by GET", "user6", {
  ...setUp({ useGETForHashedQueries: true }),
  sends: { hash: "GET", text: "POST" },
});

test("a mutation is persisted too, by POST, and its secrets are variables", async () => {
  const browser = new Browser();
  const client = createClient(browser, inject("endpoint"), { useGETForHashedQueries: true });
  const mutation = gql(SIGN_IN.replace("SignIn", newName()));
  const variables = { username: "user6", password: PASSWORD };
  for (const _ of [1, 2]) await client.mutate({ mutation, variables });
  expect(summary(browser)).toEqual(["POST hash", "POST hash text", "POST hash"]);
});
