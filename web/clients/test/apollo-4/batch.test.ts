/** Apollo Client 4's page "Batch HTTP Link". */

import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, InMemoryCache } from "@apollo/client";
import { BatchHttpLink } from "@apollo/client/link/batch-http";
import { beforeEach, describe, expect, inject, test } from "vitest";
import { refusals, keepTokens } from "../support/app";
import { Browser } from "../support/browser";
import { ME, type MeData, PASSWORD, REFRESH, SESSIONS, type SessionsData, SIGN_IN } from "../support/operations";
import { signIn } from "../support/plain";
import { expired } from "../support/tokens";
import { createAuthLink, createErrorLink } from "./links";

const endpoint = inject("endpoint");
let browser: Browser;
let client: ApolloClient;

function open(options: BatchHttpLink.Options = {}) {
  const batchLink = new BatchHttpLink({ uri: endpoint, fetch: browser.fetch, batchInterval: 50, ...options });
  const link = ApolloLink.from([createAuthLink(browser), createErrorLink(browser, endpoint), batchLink]);
  return new ApolloClient({ link, cache: new InMemoryCache() });
}

beforeEach(() => {
  browser = new Browser();
  client = open();
});

const whoAmI = () => client.query<MeData>({ query: gql(ME), fetchPolicy: "network-only" });
const listSessions = () => client.query<SessionsData>({ query: gql(SESSIONS), fetchPolicy: "network-only" });
const version = (name: string) => client.query({ query: gql(`query ${name} { version }`) });

/** Return what the API said to an operation that was refused. */
async function refused(promise: Promise<unknown>) {
  const error = await promise.catch((reason: unknown) => reason);
  return CombinedGraphQLErrors.is(error) ? refusals(error.errors) : error;
}

test("queries of one moment go in one request, and each gets its own answer", async () => {
  keepTokens(browser, await signIn(endpoint, "user5"));
  const [me, sessions] = await Promise.all([whoAmI(), listSessions()]);
  expect(me.data?.me?.username).toBe("user5");
  expect(sessions.data?.sessions?.length).toBeGreaterThan(0);
  expect(browser.sent).toEqual([["Me", "Sessions"]]);
});

test("queries whose token expired on the way are refreshed and answered", async () => {
  const { token, refreshToken } = await signIn(endpoint, "user5");
  keepTokens(browser, { token: expired(token), refreshToken });
  const [me, sessions] = await Promise.all([whoAmI(), listSessions()]);
  expect(me.data?.me?.username).toBe("user5");
  expect(sessions.data?.sessions?.length).toBeGreaterThan(0);
  expect(browser.sent[0]).toEqual(["Me", "Sessions"]);
});

test("an entry that is refused leaves its neighbours whole", async () => {
  const wrong = client.mutate({ mutation: gql(SIGN_IN), variables: { username: "user5", password: "wrong" } });
  const invalid = client.query({ query: gql("query Invalid { nothing }") });
  const answers = [refused(whoAmI()), refused(wrong), refused(invalid), version("Version")];
  expect(await Promise.all(answers)).toEqual([
    [{ code: "UNAUTHENTICATED", reason: "TOKEN_MISSING" }],
    [{ code: "INVALID_CREDENTIALS", reason: "INVALID_CREDENTIALS" }],
    [{ code: "GRAPHQL_VALIDATION_FAILED" }],
    expect.objectContaining({ data: { version: expect.any(String) } }),
  ]);
  expect(browser.sent[0]).toHaveLength(4);
});

test("its default of ten operations is as many as the API takes", async () => {
  await Promise.all(Array.from({ length: 11 }, (_, index) => version(`Version${index}`)));
  expect(browser.sent.map((names) => names?.length)).toEqual([10, 1]);
});

describe("what it hides", () => {
  test("a batch that is too large is one refusal, whose code is in the error's result alone", async () => {
    client = open({ batchMax: 11 });
    const asked = Array.from({ length: 11 }, (_, index) => refused(version(`Version${index}`)));
    const [error] = (await Promise.all(asked)) as [Error & { result: [{ errors: [{ extensions: unknown }] }] }];
    expect(error.message).toContain("server returned results with length 1, expected length of 11");
    expect(error.result[0].errors[0].extensions).toEqual({ code: "LIMIT_EXCEEDED", reason: "BATCH_TOO_LARGE" });
  });
});

describe("what is allowed once in a request", () => {
  const once = [{ code: "LIMIT_EXCEEDED", reason: "ONE_PER_REQUEST" }];

  test("two forms that sign in at the same moment are both refused", async () => {
    const variables = { username: "user5", password: PASSWORD };
    const forms = [1, 2].map(() => refused(client.mutate({ mutation: gql(SIGN_IN), variables })));
    expect(await Promise.all(forms)).toEqual([once, once]);
  });

  test("two links that refresh through the client at the same moment are both refused", async () => {
    const { refreshToken } = await signIn(endpoint, "user5");
    const links = [1, 2].map(() => refused(client.mutate({ mutation: gql(REFRESH), variables: { refreshToken } })));
    expect(await Promise.all(links)).toEqual([once, once]);
  });
});
