/** graphql-request with cookies (its example of `fetch` options), in a page of another origin. */

import { GraphQLClient } from "graphql-request";
import { expect, inject, test } from "vitest";
import { describeSession, refusalOf } from "../support/app";
import { Browser } from "../support/browser";
import { ME, type MeData, PASSWORD, SIGN_IN_BY_COOKIE } from "../support/operations";
import { renewCookies } from "../support/plain";
import { createApp, refusalsIn } from "./app";

const endpoint = inject("cookieEndpoint");
const page = inject("page");

type Options = NonNullable<ConstructorParameters<typeof GraphQLClient>[1]>;

const createClient = (browser: Browser, options: Options = {}) =>
  new GraphQLClient(endpoint, { fetch: browser.fetch, credentials: "include", ...options });

const open = (browser: Browser) =>
  createApp(createClient(browser), browser, () => renewCookies(browser, endpoint), SIGN_IN_BY_COOKIE);

describeSession("graphql-request with cookies", "user15", { open, refusalsIn }, { endpoint, page });

test("a query by GET is refused, unless it has a header that browsers ask about", async () => {
  const browser = new Browser(page);
  await open(browser).signIn("user15", PASSWORD);
  const error = await refusalOf(createClient(browser, { method: "GET" }).request(ME));
  expect(refusalsIn(error)).toEqual([{ code: "BAD_REQUEST", reason: "PREFLIGHT_REQUIRED" }]);

  const headers = { "apollo-require-preflight": "true" };
  const { me } = await createClient(browser, { method: "GET", headers }).request<MeData>(ME);
  expect(me?.username).toBe("user15");
});
