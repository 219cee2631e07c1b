/** Apollo Client 4's page "Authentication", section "Cookie", in a page of another origin. */

import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { ErrorLink } from "@apollo/client/link/error";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { from, mergeMap, throwError } from "rxjs";
import { expect, inject, test } from "vitest";
import { describeSession, refusalOf } from "../support/app";
import { Browser } from "../support/browser";
import { ME, type MeData, PASSWORD, SIGN_IN_BY_COOKIE } from "../support/operations";
import { newName, sha256, summary } from "../support/persisted";
import { renewCookies } from "../support/plain";
import { createApp, refusalsIn } from "./app";

const endpoint = inject("cookieEndpoint");
const page = inject("page");

const createErrorLink = (browser: Browser) =>
  new ErrorLink(({ error, operation, forward }) => {
    if (!CombinedGraphQLErrors.is(error)) return;
    for (const { extensions } of error.errors) {
      switch (extensions?.["code"]) {
        case "UNAUTHENTICATED":
          return from(renewCookies(browser, endpoint)).pipe(
            mergeMap((isRenewed) => (isRenewed ? forward(operation) : throwError(() => error))),
          );
      }
    }
    return;
  });

function createClient(browser: Browser, options: HttpLink.Options = {}, ...links: ApolloLink[]) {
  const httpLink = new HttpLink({ uri: endpoint, fetch: browser.fetch, credentials: "include", ...options });
  return new ApolloClient({ link: ApolloLink.from([...links, httpLink]), cache: new InMemoryCache() });
}

const open = (browser: Browser) =>
  createApp(createClient(browser, {}, createErrorLink(browser)), browser, SIGN_IN_BY_COOKIE);

describeSession("Apollo Client 4 with cookies", "user12", { open, refusalsIn }, { endpoint, page });

test("logging out leaves no cookie in the browser", async () => {
  const browser = new Browser(page);
  const app = open(browser);
  await app.signIn("user12", PASSWORD);
  expect([...browser.cookies.keys()].sort()).toEqual(["JWT", "JWT-refresh-token"]);
  await app.logOut();
  expect(browser.cookies.size).toBe(0);
});

test.each([
  ["queries", { useGETForQueries: true }, [], "GET text"],
  ["persisted queries", {}, [new PersistedQueryLink({ sha256, useGETForHashedQueries: true })], "GET hash"],
])("%s by GET count: they have the content type of a body", async (_, options, links, sent) => {
  const browser = new Browser(page);
  await open(browser).signIn("user12", PASSWORD);
  const client = createClient(browser, options, ...links);
  const query = gql(ME.replace("Me", newName()));
  for (const _ of [1, 2]) {
    const { data } = await client.query<MeData>({ query, fetchPolicy: "network-only" });
    expect(data?.me?.username).toBe("user12");
  }
  expect(summary(browser).at(-1)).toBe(sent);
});

test("a page of an origin that is not listed gets no answer, and signs nobody in", async () => {
  const foreign = new Browser("https://elsewhere.example");
  expect(await refusalOf(open(foreign).signIn("user12", PASSWORD))).toBeInstanceOf(TypeError);
  expect(foreign.last.answer.status).toBe(403);
  expect(foreign.last.answer.headers.getSetCookie()).toEqual([]);
});
