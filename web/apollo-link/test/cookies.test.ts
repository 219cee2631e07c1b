/** Cookie mode: the tokens are HttpOnly cookies, which no script sees. */

import { HttpLink } from "@apollo/client/core/index.js";
import { beforeEach, describe, expect, test } from "vitest";
import { CookieJar } from "./support/cookies.js";
import { ME } from "./support/operations.js";
import {
  PASSWORD,
  failure,
  openBrowser,
  refusals,
  signedIn,
  stubLocalStorage,
  stubWebLocks,
  userOfOurs,
} from "./support/tab.js";
import type { Browser, Tab } from "./support/tab.js";

let jar: CookieJar;
let browser: Browser;

beforeEach(async () => {
  stubWebLocks();
  stubLocalStorage();
  jar = new CookieJar();
  browser = await openBrowser("cookies", { mode: "cookie", fetch: jar.fetch });
});

const expire = () => jar.expire("JWT");
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const REFRESH = "{ refreshToken {";

async function reload(tab?: Tab) {
  tab?.auth.dispose();
  const next = browser.open();
  await next.auth.ready;
  return next;
}

test("signing in sets the cookies, and no script is told the tokens", async () => {
  const tab = await signedIn(browser);
  expect(jar.names.sort()).toEqual(["JWT", "JWT-refresh-token"]);
  expect(await tab.me()).toBe("alice");
  expect(tab.auth.state.username).toBe("alice");
  expect(await tab.storage.load()).toBeNull();
  expect(browser.wire.passed.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

test("nobody is signed in without cookies, and nobody is told of a sign-out", async () => {
  const tab = await reload();
  expect(tab.auth.state).toEqual({ status: "signedOut" });
  expect(tab.ended).toEqual([]);
});

test("the session outlives the page, by its cookies alone", async () => {
  const next = await reload(await signedIn(browser));
  expect(next.auth.state).toEqual({ status: "signedIn", username: "alice" });
});

test("signing out revokes the session, deletes the cookies and tells the other tabs", async () => {
  const tab = await signedIn(browser);
  const other = await reload();
  await tab.auth.signOut();
  expect(jar.names).toEqual([]);
  await expect.poll(() => other.ended).toEqual(["elsewhere"]);
  expect(await refusals(other.me())).toEqual(["TOKEN_MISSING"]);
});

test("changing the password goes on with new cookies", async () => {
  const username = userOfOurs(6);
  const tab = await signedIn(browser, { username });
  await tab.auth.changePassword({ oldPassword: PASSWORD, newPassword: "quite another battery staple" });
  expect(await tab.me()).toBe(username);
  await tab.auth.changePassword({ oldPassword: "quite another battery staple", newPassword: PASSWORD });
});

test("signing out everywhere deletes the cookies", async () => {
  const tab = await signedIn(browser, { username: userOfOurs(7) });
  expect(await tab.auth.signOutEverywhere()).toBeGreaterThan(0);
  expect(jar.names).toEqual([]);
  expect(tab.ended).toEqual(["signedOut"]);
});

test("a query by GET is sent so that the server takes its cookies", async () => {
  const terminating = new HttpLink({ uri: browser.wire.url, fetch: jar.fetch, useGETForQueries: true });
  const tab = await signedIn(browser, { terminating });
  expect(await tab.me()).toBe("alice");
  expect(browser.wire.passed.at(-1)?.text).toBe("");
});

describe("an expired access token", () => {
  test("costs all tabs one refresh", async () => {
    const tabs = [await signedIn(browser), await reload()];
    // Until the first has heard that there is another.
    await tabs[0]!.me();
    expire();
    expect(await Promise.all(tabs.map((tab) => tab.me()))).toEqual(["alice", "alice"]);
    expect(browser.wire.count(REFRESH)).toBe(1);
  });

  test("is refreshed when the page opens", async () => {
    const tab = await signedIn(browser);
    expire();
    const opened = await Promise.all([reload(tab), reload()]);
    expect(opened.map(({ auth }) => auth.state.username)).toEqual(["alice", "alice"]);
    expect(browser.wire.count(REFRESH)).toBe(1);
  });

  test("is refreshed when its cookie has gone as well", async () => {
    const tab = await signedIn(browser);
    jar.drop("JWT");
    expect(await tab.me()).toBe("alice");
    expect(browser.wire.count(REFRESH)).toBe(1);
  });

  test("whose session is over signs out once, with the reason", async () => {
    const tab = await signedIn(browser);
    await new HttpOnlyThief(jar).signOut(browser.wire.url);
    expire();
    const asked = Array.from({ length: 5 }, () =>
      tab.client.query({ query: ME, fetchPolicy: "no-cache", context: { queryDeduplication: false } }),
    );
    await Promise.allSettled(asked);
    await expect.poll(() => tab.ended).toEqual(["SESSION_ENDED"]);
    expect(browser.wire.count(REFRESH)).toBe(1);
    expect((await reload(tab)).auth.state).toEqual({ status: "signedOut", reason: "SESSION_ENDED" });
  });
});

/** Ends the session from outside, leaving the browser its cookies. */
class HttpOnlyThief {
  constructor(private readonly jar: CookieJar) {}

  async signOut(url: string) {
    const headers = { "content-type": "application/json", authorization: `Bearer ${this.jar.value("JWT")}` };
    await fetch(url, { method: "POST", headers, body: JSON.stringify({ query: "mutation { logout { ok } }" }) });
  }
}

describe("a server out of reach", () => {
  test("when the page opens leaves open who is signed in, until it is back", async () => {
    const tab = await signedIn(browser);
    browser.wire.cut();
    const next = await reload(tab);
    expect(next.auth.state).toEqual({ status: "loading", reason: "NETWORK_ERROR" });
    browser.wire.mend();
    expect(await next.me()).toBe("alice");
    expect(next.auth.state).toEqual({ status: "signedIn", username: "alice" });
  });

  test("at the sign-out has no operation carry the cookies, which only the server can delete", async () => {
    const tab = await signedIn(browser);
    const other = await reload();
    browser.wire.cut("logout");
    expect(await failure(tab.auth.signOut())).toMatchObject({ code: "NETWORK_ERROR" });
    expect(jar.names).toHaveLength(2);
    expect(await refusals(tab.me())).toEqual(["TOKEN_MISSING"]);
    expect(await refusals(other.me())).toEqual(["TOKEN_MISSING"]);
  });

  test("at the sign-out is told of it by the next page", async () => {
    const tab = await signedIn(browser);
    browser.wire.cut("logout");
    await failure(tab.auth.signOut());
    expect((await reload(tab)).auth.state.status).toBe("signedOut");
    browser.wire.mend();
    expect((await reload()).auth.state.status).toBe("signedOut");
    expect(jar.names).toEqual([]);
  });

  test("at the sign-out is forgotten when somebody signs in", async () => {
    const tab = await signedIn(browser);
    browser.wire.cut("logout");
    await failure(tab.auth.signOut());
    await tab.auth.signIn({ username: "bob", password: PASSWORD });
    expect(await tab.me()).toBe("bob");
    expect((await reload(tab)).auth.state.username).toBe("bob");
  });
});

test("a refresh under way cannot put its cookies over those of the next user", async () => {
  const [tab, other] = [await signedIn(browser), await reload()];
  expire();
  const refresh = browser.wire.hold(REFRESH);
  const asked = failure(other.me());
  await refresh.arrived;
  const signingIn = tab.auth.signIn({ username: "bob", password: PASSWORD });
  await pause(300);
  refresh.release();
  await Promise.all([signingIn, asked, pause(200)]);
  expect(await tab.me()).toBe("bob");
});

test("cookies that have become another user's by a route of their own are noticed at the refresh", async () => {
  const tab = await signedIn(browser);
  await signedIn(browser, { name: "a page that says nothing", username: "bob" });
  expire();
  expect(await failure(tab.me())).toMatchObject({ code: "SESSION_CHANGED" });
  await expect.poll(() => tab.auth.state).toEqual({ status: "signedIn", username: "bob" });
  expect(await tab.me()).toBe("bob");
});
