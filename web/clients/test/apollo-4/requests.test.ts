/** What Apollo Client 4 puts into a request unasked, and what the API makes of it. */

import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { beforeEach, expect, inject, test } from "vitest";
import { Browser } from "../support/browser";
import { PASSWORD } from "../support/operations";
import { createApp } from "./app";

const GRAPHQL = "application/graphql-response+json";
const VERSION = gql("query Version($yes: Boolean = true) { version @include(if: $yes) }");

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

/** Ask for the version by a client of these options; return the request and its answer. */
async function ask(link: HttpLink.Options = {}, options: Partial<ApolloClient.Options> = {}) {
  const httpLink = new HttpLink({ uri: inject("endpoint"), fetch: browser.fetch, ...link });
  const client = new ApolloClient({ link: httpLink, cache: new InMemoryCache(), ...options });
  const { data } = await client.query<{ version: string }>({ query: VERSION, variables: { yes: true } });
  expect(data).toEqual({ version: expect.any(String) });
  return browser.last;
}

test("it prefers application/graphql-response+json, and is answered in it", async () => {
  const { headers, answer } = await ask();
  expect(headers.get("accept")).toBe(`${GRAPHQL},application/json;q=0.9`);
  expect(answer.headers.get("content-type")).toBe(`${GRAPHQL}; charset=utf-8`);
});

test("it names its library in the body's extensions, which the API ignores", async () => {
  const { body } = await ask();
  expect(body.extensions).toEqual({ clientLibrary: { name: "@apollo/client", version: expect.any(String) } });
});

test("it names the application in headers where it is told its name", async () => {
  const clientAwareness = { name: "shop", version: "1.2.3" };
  const { headers } = await ask({}, { clientAwareness, enhancedClientAwareness: { transport: "headers" } });
  expect(Object.fromEntries(headers)).toMatchObject({
    "apollographql-client-name": "shop",
    "apollographql-client-version": "1.2.3",
    "apollographql-library-name": "@apollo/client",
    "apollographql-library-version": expect.any(String),
  });
});

test("it sends queries by GET where it is told to, with the content type of a body", async () => {
  const { method, url, headers, answer } = await ask({ useGETForQueries: true });
  expect(method).toBe("GET");
  expect(headers.get("content-type")).toBe("application/json");
  expect([...url.searchParams.keys()].sort()).toEqual(["extensions", "operationName", "query", "variables"]);
  expect(answer.headers.get("content-type")).toBe(`${GRAPHQL}; charset=utf-8`);
});

test("it is given no cookie in header mode, even where it would take one", async () => {
  const link = new HttpLink({ uri: inject("endpoint"), fetch: browser.fetch, credentials: "include" });
  await createApp(new ApolloClient({ link, cache: new InMemoryCache() }), browser).signIn("user16", PASSWORD);
  expect(browser.localStorage.getItem("token")).not.toBeNull();
  expect(browser.cookies.size).toBe(0);
});
