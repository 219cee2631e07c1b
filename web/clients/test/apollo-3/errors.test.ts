/** Apollo Client 3's page "Error handling": what of a refusal an application can read, under each error policy. */

import { ApolloClient, ApolloError, createHttpLink, gql, InMemoryCache, type ServerError } from "apollo-client-3/core";
import { expect, inject, test } from "vitest";
import { refusalOf, refusals } from "../support/app";
import { Browser } from "../support/browser";
import { MIXED, SIGN_IN } from "../support/operations";

const browser = new Browser();
const link = createHttpLink({ uri: inject("endpoint"), fetch: browser.fetch });
const client = new ApolloClient({ link, cache: new InMemoryCache() });
const query = { query: gql(MIXED), fetchPolicy: "network-only" } as const;
const missing = { code: "UNAUTHENTICATED", reason: "TOKEN_MISSING" };

async function apolloErrorOf(promise: Promise<unknown>): Promise<ApolloError> {
  const error = await refusalOf(promise);
  expect(error).toBeInstanceOf(ApolloError);
  return error as ApolloError;
}

test("none, the default: the query is rejected, with the codes", async () => {
  const { graphQLErrors, networkError } = await apolloErrorOf(client.query(query));
  expect(refusals(graphQLErrors)).toEqual([missing]);
  expect(networkError).toBeNull();
});

test("all: the data of the other fields comes beside the codes", async () => {
  const { data, errors } = await client.query({ ...query, errorPolicy: "all" });
  expect(data).toEqual({ version: expect.any(String), me: null });
  expect(refusals(errors!)).toEqual([missing]);
});

test("ignore: the data of the other fields comes alone", async () => {
  const { data, errors } = await client.query({ ...query, errorPolicy: "ignore" });
  expect(data).toEqual({ version: expect.any(String), me: null });
  expect(errors).toBeUndefined();
});

test.each([
  ["a field that does not exist", "mutation { nothing }", "GRAPHQL_VALIDATION_FAILED"],
  ["a variable that is missing", SIGN_IN, "BAD_USER_INPUT"],
])("%s is answered with 200, and the application reads the code", async (_, text, code) => {
  const { graphQLErrors } = await apolloErrorOf(client.mutate({ mutation: gql(text) }));
  expect(browser.last.answer.status).toBe(200);
  expect(graphQLErrors[0]?.extensions).toMatchObject({ code });
});

test("a body that is too large is a network error, whose result has the code", async () => {
  const variables = { username: "alice", password: "x".repeat(2 ** 20) };
  const { graphQLErrors, networkError } = await apolloErrorOf(client.mutate({ mutation: gql(SIGN_IN), variables }));
  expect(graphQLErrors).toEqual([]);
  const { statusCode, result } = networkError as ServerError;
  expect(statusCode).toBe(413);
  expect(result).toMatchObject({ errors: [{ extensions: { reason: "BODY_TOO_LARGE" } }] });
});
