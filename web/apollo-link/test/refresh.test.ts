/** An access token that has expired: one refresh, one more attempt, and no more than that. */

import { gql } from "@apollo/client/core/index.js";
import { beforeEach, describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { AuthError } from "../src/index.js";
import { ME } from "./support/operations.js";
import {
  failure,
  openBrowser,
  post,
  refusals,
  signedIn,
  tokensOf,
  userOfOurs,
} from "./support/tab.js";
import type { Browser, Tab } from "./support/tab.js";

const REFRESH = "refreshToken(";
const HOUR = 3_600_000;

let browser: Browser;
let tab: Tab;

beforeEach(async () => {
  browser = await openBrowser("headers");
  tab = await signedIn(browser);
});

/** Different documents, so that Apollo Client does not make one request of them. */
function begin(count: number) {
  const queries = Array.from({ length: count }, (_, index) => gql(`query Me${index} { me { username } }`));
  return queries.map((query) => tab.client.query({ query, fetchPolicy: "network-only" }));
}

const ask = (count: number) => Promise.allSettled(begin(count));

/** Resolves when so many of them have been answered, and the answers have arrived. */
async function areRefused(count: number) {
  const { wire } = browser;
  const answered = () => wire.passed.filter(({ text, isAnswered }) => isAnswered && text.includes("query Me"));
  await expect.poll(answered).toHaveLength(count);
  // What was on its way before this is here when this is.
  await fetch(new URL("/health/live", inject("servers").headers));
}

const statuses = (results: PromiseSettledResult<unknown>[]) => results.map(({ status }) => status);

describe("an expired access token", () => {
  test("is refreshed, and the operation sent again", async () => {
    await tab.expire();
    expect(await tab.me()).toBe("alice");
    expect(browser.wire.count(REFRESH)).toBe(1);
    expect(browser.wire.count("query Me")).toBe(2);
  });

  test("costs ten operations one refresh", async () => {
    await tab.expire();
    expect(statuses(await ask(10))).toEqual(Array(10).fill("fulfilled"));
    expect(browser.wire.count(REFRESH)).toBe(1);
  });

  test("is refreshed without showing it", async () => {
    await tab.expire();
    await tab.me();
    const refresh = browser.wire.passed.find(({ text }) => text.includes(REFRESH));
    expect(refresh?.headers.authorization).toBeUndefined();
  });

  test("that was replaced meanwhile needs no further refresh", async () => {
    const late = browser.wire.hold("query Late");
    await tab.expire();
    const slow = tab.client.query({
      query: gql`
        query Late {
          me {
            username
          }
        }
      `,
    });
    await late.arrived;
    await tab.me();
    late.release();
    expect(await slow).toMatchObject({ data: { me: { username: "alice" } } });
    expect(browser.wire.count(REFRESH)).toBe(1);
  });

  test("is refreshed every time it expires", async () => {
    await tab.expire();
    await tab.me();
    await tab.expire();
    expect(await tab.me()).toBe("alice");
    expect(browser.wire.count(REFRESH)).toBe(2);
  });
});

test("an operation whose every token has expired on its way is sent twice, and not again", async () => {
  const { wire } = browser;
  await tab.expire();
  wire.isSlow = true;
  expect(await refusals(tab.me())).toEqual(["TOKEN_EXPIRED"]);
  expect(wire.count("query Me")).toBe(2);
  expect(wire.count(REFRESH)).toBe(1);
  expect(tab.auth.state.status).toBe("signedIn");
  wire.isSlow = false;
  expect(await tab.me()).toBe("alice");
});

describe("a refused refresh", () => {
  const endSession = async () => {
    const { refresh } = await tokensOf(tab);
    await post(browser.wire.url, "mutation($t: String) { revokeToken(refreshToken: $t) { revoked } }", {
      variables: { t: refresh },
    });
    await tab.expire();
    browser.wire.passed.length = 0;
  };

  test("is asked once, ends the session once, and is no loop, however many operations want it", async () => {
    await endSession();
    const refresh = browser.wire.hold(REFRESH);
    const asked = ask(10);
    await refresh.arrived;
    await areRefused(10);
    refresh.release();
    expect(statuses(await asked)).toEqual(Array(10).fill("rejected"));
    await expect.poll(() => tab.ended).toEqual(["SESSION_ENDED"]);
    expect(browser.wire.count(REFRESH)).toBe(1);
    expect(browser.wire.passed).toHaveLength(11);
  });

  test("gives the reason to the operation and to the application", async () => {
    await endSession();
    const error = await failure(tab.me());
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ code: "REFRESH_REJECTED", reason: "SESSION_ENDED" });
    await expect.poll(() => tab.auth.state).toEqual({ status: "signedOut", reason: "SESSION_ENDED" });
  });

  test("is not asked again by the operations that follow", async () => {
    await endSession();
    await failure(tab.me());
    expect(await refusals(tab.me())).toEqual(["TOKEN_MISSING"]);
    expect(browser.wire.count(REFRESH)).toBe(1);
    expect(tab.ended).toHaveLength(1);
  });
});

describe("a refresh that nobody answers", () => {
  test("fails the operations, and signs nobody out", async () => {
    await tab.expire();
    browser.wire.cut(REFRESH);
    expect(statuses(await ask(3))).toEqual(Array(3).fill("rejected"));
    expect(await failure(tab.me())).toMatchObject({ code: "NETWORK_ERROR" });
    expect(tab.auth.state.status).toBe("signedIn");
    expect(tab.ended).toEqual([]);
  });

  test("is tried again by the next operation", async () => {
    await tab.expire();
    browser.wire.cut(REFRESH);
    await failure(tab.me());
    browser.wire.mend();
    expect(await tab.me()).toBe("alice");
  });

  test("is tried again with success though the server had carried it out", async () => {
    await tab.expire();
    browser.wire.lose(REFRESH);
    await failure(tab.me());
    browser.wire.mend();
    expect(await tab.me()).toBe("alice");
  });

  test("is given up after a while, for all who wait for it", async () => {
    const { wire } = browser;
    tab = await signedIn(browser, { timeout: HOUR, name: "patient" });
    await tab.expire();
    const never = wire.hold(REFRESH);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
    onTestFinished(() => void vi.useRealTimers());
    const errors = begin(3).map(failure);
    await never.arrived;
    await areRefused(3);
    vi.advanceTimersByTime(HOUR);
    expect(await Promise.all(errors)).toMatchObject(Array(3).fill({ code: "NETWORK_ERROR" }));
    expect(wire.count(REFRESH)).toBe(1);
    expect(tab.auth.state.status).toBe("signedIn");
    never.release();
  });
});

describe("a mutation", () => {
  test("that was refused as a whole is sent again", async () => {
    const other = await signedIn(browser, { name: "other", username: userOfOurs(0) });
    await other.expire();
    const mutation = gql`
      mutation Everything {
        logoutAll(exceptCurrent: true) {
          ended
        }
      }
    `;
    await expect(other.client.mutate({ mutation })).resolves.toMatchObject({ data: { logoutAll: {} } });
  });

  test("of which a part was carried out is not", async () => {
    await tab.expire();
    const mutation = gql`
      mutation Part {
        deleteTokenCookie {
          deleted
        }
        logoutAll(exceptCurrent: true) {
          ended
        }
      }
    `;
    expect(await refusals(tab.client.mutate({ mutation }))).toEqual(["TOKEN_EXPIRED"]);
    expect(browser.wire.count("mutation Part")).toBe(1);
    expect(await tab.me()).toBe("alice");
  });
});

// Of these Apollo Client makes a result or an error, and each major in its own way.
test.each(["application/graphql-response+json", "application/json"])(
  "a 401 as %s is understood as well",
  async (accept) => {
    const strict = await openBrowser("strict");
    const other = await signedIn(strict);
    await other.expire();
    const { data } = await other.client.query({ query: ME, context: { headers: { accept } } });
    expect(data).toMatchObject({ me: { username: "alice" } });
    expect(strict.wire.count(REFRESH)).toBe(1);
  },
);

test("an operation that is no longer wanted is not sent again", async () => {
  const { wire } = browser;
  await tab.expire();
  const refresh = wire.hold(REFRESH);
  const subscription = tab.client.watchQuery({ query: ME }).subscribe({ next: () => {}, error: () => {} });
  await refresh.arrived;
  subscription.unsubscribe();
  refresh.release();
  await tab.client.query({
    query: gql`
      query After {
        me {
          username
        }
      }
    `,
  });
  expect(wire.count("query Me")).toBe(1);
});

test("this suite runs against the major it is named after", () => {
  expect(tab.client.version).toMatch(new RegExp(`^${inject("major")}\\.`));
});
