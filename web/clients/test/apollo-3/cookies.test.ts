/** Apollo Client 3's page "Authentication", section "Cookie", in a page of another origin. */

import {
  ApolloClient,
  ApolloError,
  type ApolloLink,
  createHttpLink,
  from,
  fromPromise,
  gql,
  type HttpOptions,
  InMemoryCache,
} from "apollo-client-3/core";
import { onError } from "apollo-client-3/link/error";
import { createPersistedQueryLink } from "apollo-client-3/link/persisted-queries";
import { expect, inject, test } from "vitest";
import { describeSession } from "../support/app";
import { Browser } from "../support/browser";
import { ME, type MeData, PASSWORD, SIGN_IN_BY_COOKIE } from "../support/operations";
import { newName, sha256, summary } from "../support/persisted";
import { renewCookies } from "../support/plain";
import { createApp, refusalsIn } from "./app";

const endpoint = inject("cookieEndpoint");
const page = inject("page");

const createErrorLink = (browser: Browser) =>
  onError(({ graphQLErrors, operation, forward }) => {
    for (const { extensions } of graphQLErrors ?? []) {
      switch (extensions?.["code"]) {
        case "UNAUTHENTICATED":
          return fromPromise(renewCookies(browser, endpoint)).flatMap((isRenewed) => {
            if (!isRenewed) throw new ApolloError({ graphQLErrors: graphQLErrors! });
            return forward(operation);
          });
      }
    }
    return;
  });

function createClient(browser: Browser, options: HttpOptions = {}, ...links: ApolloLink[]) {
  const httpLink = createHttpLink({ uri: endpoint, fetch: browser.fetch, credentials: "include", ...options });
  return new ApolloClient({ link: from([...links, httpLink]), cache: new InMemoryCache() });
}

const open = (browser: Browser) =>
  createApp(createClient(browser, {}, createErrorLink(browser)), browser, SIGN_IN_BY_COOKIE);

describeSession("Apollo Client 3 with cookies", "user13", { open, refusalsIn }, { endpoint, page });

test.each([
  ["queries", { useGETForQueries: true }, [], "GET text"],
  ["persisted queries", {}, [createPersistedQueryLink({ sha256, useGETForHashedQueries: true })], "GET hash"],
])("%s by GET count: they have the content type of a body", async (_, options, links, sent) => {
  const browser = new Browser(page);
  await open(browser).signIn("user13", PASSWORD);
  const client = createClient(browser, options, ...links);
  const query = gql(ME.replace("Me", newName()));
  for (const _ of [1, 2]) {
    const { data } = await client.query<MeData>({ query, fetchPolicy: "network-only" });
    expect(data.me?.username).toBe("user13");
  }
  expect(summary(browser).at(-1)).toBe(sent);
});
