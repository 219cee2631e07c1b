/** Apollo Client 4's page "Error handling": what of a refusal an application can read, under each error policy. */

import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache, ServerError } from "@apollo/client";
import { expect, inject, test } from "vitest";
import { refusals } from "../support/app";
import { Browser } from "../support/browser";
import { MIXED, type MixedData, SIGN_IN, type SignInData } from "../support/operations";

const client = new ApolloClient({ link: new HttpLink({ uri: inject("endpoint") }), cache: new InMemoryCache() });
const query = { query: gql(MIXED), fetchPolicy: "network-only" } as const;
const variables = { username: "alice", password: "wrong" };
const missing = { code: "UNAUTHENTICATED", reason: "TOKEN_MISSING" };

/** Return what Apollo Client rejects with; it must be made of what the API said. */
async function combinedErrors(promise: Promise<unknown>) {
  const error = await promise.catch((reason: unknown) => reason);
  if (!CombinedGraphQLErrors.is(error)) return expect.fail(`Rejected or answered with ${error}`);
  return error;
}

test("none, the default: the query is rejected, and the error has the codes and the other fields' data", async () => {
  const error = await combinedErrors(client.query<MixedData>(query));
  expect(refusals(error.errors)).toEqual([missing]);
  expect(error.errors[0]).toMatchObject({ path: ["me"] });
  expect(error.data).toEqual({ version: expect.any(String), me: null });
});

test("all: the data of the other fields comes beside the codes", async () => {
  const { data, error } = await client.query<MixedData>({ ...query, errorPolicy: "all" });
  expect(data).toEqual({ version: expect.any(String), me: null });
  expect(CombinedGraphQLErrors.is(error) && refusals(error.errors)).toEqual([missing]);
});

test("ignore: the data of the other fields comes alone", async () => {
  const { data, error } = await client.query<MixedData>({ ...query, errorPolicy: "ignore" });
  expect(data).toEqual({ version: expect.any(String), me: null });
  expect(error).toBeUndefined();
});

test("all, for a mutation: the code is in the result of the form that was sent", async () => {
  const mutation = gql(SIGN_IN);
  const { data, error } = await client.mutate<SignInData>({ mutation, variables, errorPolicy: "all" });
  expect(data).toEqual({ tokenAuth: null });
  expect(CombinedGraphQLErrors.is(error) && refusals(error.errors)).toEqual([
    { code: "INVALID_CREDENTIALS", reason: "INVALID_CREDENTIALS" },
  ]);
});

test.each([
  ["a field that does not exist", "mutation { nothing }", "GRAPHQL_VALIDATION_FAILED"],
  ["a variable that is missing", SIGN_IN, "BAD_USER_INPUT"],
  ["too many mutations", `mutation { ${"abcdefghijk".replace(/./g, "$&: logout { ok } ")} }`, "LIMIT_EXCEEDED"],
])("%s is answered with 400, and the application still reads the code", async (_, text, code) => {
  const browser = new Browser();
  const link = new HttpLink({ uri: inject("endpoint"), fetch: browser.fetch });
  const watched = new ApolloClient({ link, cache: new InMemoryCache() });
  const { errors } = await combinedErrors(watched.mutate({ mutation: gql(text) }));
  expect(browser.last.answer.status).toBe(400);
  expect(errors[0]?.extensions).toMatchObject({ code });
});

test("a body that is too large is answered 413, and the application still reads the code", async () => {
  const large = { username: "alice", password: "x".repeat(2 ** 20) };
  const { errors } = await combinedErrors(client.mutate({ mutation: gql(SIGN_IN), variables: large }));
  expect(refusals(errors)).toEqual([{ code: "LIMIT_EXCEEDED", reason: "BODY_TOO_LARGE" }]);
});

test("where only application/json is accepted, a status of its own hides the code in a ServerError", async () => {
  const link = new HttpLink({ uri: inject("endpoint"), headers: { accept: "application/json" } });
  const legacy = new ApolloClient({ link, cache: new InMemoryCache() });
  const large = { username: "alice", password: "x".repeat(2 ** 20) };
  const error = await legacy.mutate({ mutation: gql(SIGN_IN), variables: large }).catch((reason: unknown) => reason);
  expect(ServerError.is(error) && JSON.parse(error.bodyText).errors[0].extensions.reason).toBe("BODY_TOO_LARGE");
});
