/** What Apollo Client 3 puts into a request unasked, and what the API makes of it. */

import { ApolloClient, createHttpLink, gql, type HttpOptions, InMemoryCache } from "apollo-client-3/core";
import { BatchHttpLink } from "apollo-client-3/link/batch-http";
import { expect, inject, test } from "vitest";
import { Browser } from "../support/browser";

const VERSION = gql("query Version($yes: Boolean = true) { version @include(if: $yes) }");
const PLAIN = gql("query Plain { version }");

/** Ask for the version by a client of these options; return the request and its answer. */
async function ask(options: HttpOptions = {}) {
  const browser = new Browser();
  const link = createHttpLink({ uri: inject("endpoint"), fetch: browser.fetch, ...options });
  const clientAwareness = { name: "shop", version: "1.2.3" };
  const client = new ApolloClient({ link, cache: new InMemoryCache(), clientAwareness });
  const { data } = await client.query({ query: VERSION, variables: { yes: true } });
  expect(data).toEqual({ version: expect.any(String) });
  return browser.last;
}

test("it accepts anything, and is answered in application/json", async () => {
  const { headers, answer } = await ask();
  expect(headers.get("accept")).toBe("*/*");
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
});

test("it names the application in headers where it is told its name", async () => {
  const { headers } = await ask();
  expect(Object.fromEntries(headers)).toMatchObject({
    "apollographql-client-name": "shop",
    "apollographql-client-version": "1.2.3",
  });
});

test("it sends queries by GET where it is told to, with the content type of a body", async () => {
  const { method, url, headers } = await ask({ useGETForQueries: true });
  expect(method).toBe("GET");
  expect(headers.get("content-type")).toBe("application/json");
  expect([...url.searchParams.keys()].sort()).toEqual(["operationName", "query", "variables"]);
});

test("its batches are arrays that are answered in order", async () => {
  const browser = new Browser();
  const link = new BatchHttpLink({ uri: inject("endpoint"), fetch: browser.fetch });
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const invalid = client.query({ query: gql("query Invalid { nothing }"), errorPolicy: "all" });
  const [plain, refused] = await Promise.all([client.query({ query: PLAIN }), invalid]);
  expect(browser.sent[0]).toHaveLength(2);
  expect(plain.data).toEqual({ version: expect.any(String) });
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: "GRAPHQL_VALIDATION_FAILED" });
});
