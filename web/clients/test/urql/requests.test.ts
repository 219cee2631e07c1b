/** What urql puts into a request unasked, and what of a refusal an application can read. */

import { CombinedError, createClient, fetchExchange } from "@urql/core";
import { beforeEach, expect, inject, test } from "vitest";
import { refusals } from "../support/app";
import { Browser } from "../support/browser";
import { MIXED, PASSWORD, SIGN_IN } from "../support/operations";

const VERSION = "query Version($yes: Boolean = true) { version @include(if: $yes) }";

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

type Options = Partial<Parameters<typeof createClient>[0]>;
const open = (options: Options = {}) =>
  createClient({ url: inject("endpoint"), fetch: browser.fetch, exchanges: [fetchExchange], ...options });

test("it sends queries by GET unasked, with neither a content type nor a header that browsers ask about", async () => {
  const { data } = await open().query(VERSION, { yes: true });
  expect(data).toEqual({ version: expect.any(String) });
  const { method, url, headers } = browser.last;
  expect(method).toBe("GET");
  expect([...url.searchParams.keys()].sort()).toEqual(["operationName", "query", "variables"]);
  expect([...headers.keys()]).toEqual(["accept"]);
});

test("it accepts what it streams too, and is answered in application/graphql-response+json", async () => {
  await open().query(VERSION, {});
  const { headers, answer } = browser.last;
  expect(headers.get("accept")).toBe(
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed",
  );
  expect(answer.headers.get("content-type")).toBe("application/graphql-response+json; charset=utf-8");
});

test("it sends mutations by POST, and queries too where it is told to or their URL would be too long", async () => {
  const results = [
    await open().mutation(SIGN_IN, { username: "user10", password: PASSWORD }),
    await open({ preferGetMethod: false }).query(VERSION, {}),
    await open().query(`{ ${"long".repeat(500)}: version }`, {}),
  ];
  expect(results.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  expect(browser.exchanges.map(({ method }) => method)).toEqual(["POST", "POST", "POST"]);
});

test("the data of the other fields comes beside the codes", async () => {
  const { data, error } = await open().query(MIXED, {});
  expect(data).toEqual({ version: expect.any(String), me: null });
  expect(refusals(error!.graphQLErrors)).toEqual([{ code: "UNAUTHENTICATED", reason: "TOKEN_MISSING" }]);
});

test.each([
  ["a field that does not exist", "mutation { nothing }", 400, "GRAPHQL_VALIDATION_FAILED"],
  ["a variable that is missing", SIGN_IN, 400, "BAD_USER_INPUT"],
])(
  "%s is answered with a status of its own, and the application still reads the code",
  async (_, text, status, code) => {
    const { error } = await open().mutation(text, {});
    expect(browser.last.answer.status).toBe(status);
    expect(error).toBeInstanceOf(CombinedError);
    expect(error!.networkError).toBeUndefined();
    expect(error!.graphQLErrors[0]?.extensions).toMatchObject({ code });
  },
);
