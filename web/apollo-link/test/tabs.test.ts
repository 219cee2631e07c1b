/** Several tabs of one browser: each a `createAuth`, sharing a BroadcastChannel, locks and storage. */

import { ApolloLink, HttpLink, Observable } from "@apollo/client/core/index.js";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { webStorage } from "../src/index.js";
import {
  PASSWORD,
  failure,
  openBrowser,
  refusals,
  showMe,
  signedIn,
  stubLocalStorage,
  stubWebLocks,
  tokensOf,
  verdict,
} from "./support/tab.js";
import type { Browser, Tab } from "./support/tab.js";

const REFRESH = "refreshToken(";

let browser: Browser;

beforeEach(async () => {
  browser = await openBrowser("headers");
});

const statusOf = (tab: Tab) => tab.auth.state.status;
const isSignedInAs = (tab: Tab, username: string) => expect.poll(() => tab.auth.state.username).toBe(username);

/** Long enough for a message of another tab, were there one. */
const arrival = () => new Promise((resolve) => setTimeout(resolve, 100));

describe("a session in memory", () => {
  test("is handed to a tab opened later", async () => {
    await signedIn(browser);
    const second = browser.open();
    await second.auth.ready;
    expect(second.auth.state).toEqual({ status: "signedIn", username: "alice" });
    expect(await second.me()).toBe("alice");
  });

  test("is handed to a tab whose page is busy while it opens", async () => {
    await signedIn(browser);
    const second = browser.open();
    setImmediate(() => {
      const until = performance.now() + 300;
      while (performance.now() < until);
    });
    await second.auth.ready;
    expect(second.auth.state).toEqual({ status: "signedIn", username: "alice" });
  });

  test("reaches tabs that are open already", async () => {
    const [first, second] = [browser.open(), browser.open()];
    await first.auth.signIn({ username: "alice", password: PASSWORD });
    await isSignedInAs(second, "alice");
    expect(await second.me()).toBe("alice");
  });

  test("is not handed to a tab of another name, nor to one that keeps to itself", async () => {
    await signedIn(browser);
    const others = [browser.open({ name: "other" }), browser.open({ tabs: false })];
    await Promise.all(others.map(({ auth }) => auth.ready));
    expect(others.map(statusOf)).toEqual(["signedOut", "signedOut"]);
  });

  test("is not shared by default where there is no page: a server has many users in one process", async () => {
    const common = { name: "server", tabs: undefined as unknown as boolean };
    await signedIn(browser, common);
    const other = browser.open(common);
    await other.auth.ready;
    expect(statusOf(other)).toBe("signedOut");
  });
});

test("a page that the browser had put aside asks what it has missed", async () => {
  const page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  const tab = await signedIn(browser, { name: "put aside" });
  const heard: unknown[] = [];
  const channel = new BroadcastChannel("django-graphql-revocation:put aside");
  channel.onmessage = ({ data }) => heard.push(data);
  for (const persisted of [false, true]) page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
  await expect.poll(() => heard).toEqual([{ kind: "hello" }]);
  // Another tab's answer to it, which the page would have missed.
  const session = await tab.storage.load();
  channel.postMessage({
    kind: "session",
    session: { ...session, version: session!.version + 1000, username: "renamed" },
  });
  await expect.poll(async () => (await tab.storage.load())?.username).toBe("renamed");
  channel.close();
});

describe("a message of another tab", () => {
  async function listen(tab: Tab, name: string) {
    const channel = new BroadcastChannel(`django-graphql-revocation:${name}`);
    const heard: unknown[] = [];
    channel.onmessage = ({ data }) => heard.push(data);
    onTestFinished(() => channel.close());
    return { heard, session: (await tab.storage.load())!, tell: (message: unknown) => channel.postMessage(message) };
  }

  test("about a session that has ended brings nobody back", async () => {
    const tab = await signedIn(browser, { name: "ended" });
    const { session, tell } = await listen(tab, "ended");
    await tab.auth.signOut();
    tell({ kind: "session", session: { ...session, version: session.version + 1000 } });
    await arrival();
    expect(statusOf(tab)).toBe("signedOut");
    expect(await tab.storage.load()).toBeNull();
  });

  test("about a refresh is waited for a moment by a tab whose token is refused", async () => {
    const news: (() => void)[] = [];
    const refused = new ApolloLink((operation, forward) => {
      const [tell] = news.splice(0);
      if (!tell) return forward(operation);
      tell();
      const extensions = { code: "UNAUTHENTICATED", reason: "TOKEN_EXPIRED" };
      return new Observable((observer) => {
        observer.next({ data: null, errors: [{ message: "Signature has expired", path: ["me"], extensions }] });
        observer.complete();
      });
    });
    const terminating = ApolloLink.from([refused, new HttpLink({ uri: browser.wire.url })]);
    const tab = await signedIn(browser, { name: "late", terminating });
    const { session, tell } = await listen(tab, "late");
    news.push(() => tell({ kind: "session", session: { ...session, version: session.version + 1000 } }));
    expect(await tab.me()).toBe("alice");
    expect(browser.wire.count(REFRESH)).toBe(0);
  });

  test("about an earlier sign-in is answered with the present one", async () => {
    const tab = await signedIn(browser, { name: "earlier" });
    const { session, heard, tell } = await listen(tab, "earlier");
    tell({ kind: "session", session: { ...session, sid: "earlier", username: "bob", since: session.since - 1 } });
    await expect.poll(() => heard).toEqual([{ kind: "session", session }]);
    expect(tab.auth.state.username).toBe("alice");
  });

  test("about an older refresh changes nothing", async () => {
    const tab = await signedIn(browser, { name: "older" });
    const { session, tell } = await listen(tab, "older");
    tell({
      kind: "session",
      session: { ...session, version: session.version - 1, tokens: { access: "a", refresh: "b" } },
    });
    await arrival();
    expect(await tab.me()).toBe("alice");
  });

  test.each([null, "text", { kind: "session" }, { kind: "session", session: { sid: 1 } }, { kind: "ended" }])(
    "that is none, such as %j, changes nothing",
    async (message) => {
      const tab = await signedIn(browser, { name: "garbage" });
      const { tell } = await listen(tab, "garbage");
      tell(message);
      await arrival();
      expect(await tab.me()).toBe("alice");
    },
  );
});

describe("signing out in one tab", () => {
  test("signs the others out without waiting, clears their stores, and tells them once", async () => {
    const first = await signedIn(browser);
    const second = browser.open();
    await second.me();
    const told = new Promise<void>((resolve) => void second.auth.subscribe(resolve));
    // For nothing that would need time to pass, that is; so nothing here may poll.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    await first.auth.signOut();
    await told;
    expect(second.ended).toEqual(["elsewhere"]);
    expect(second.client.extract()).toEqual({});
    expect(second.auth.state).toEqual({ status: "signedOut", reason: "elsewhere" });
    expect(browser.wire.count("logout")).toBe(1);
  });

  test("does not wait for the server to tell the others", async () => {
    const first = await signedIn(browser);
    const second = browser.open();
    await second.auth.ready;
    const answer = browser.wire.hold("logout");
    const signingOut = first.auth.signOut();
    await expect.poll(() => statusOf(second)).toBe("signedOut");
    answer.release();
    await signingOut;
  });

  test("keeps a late answer of another tab out of that tab's store", async () => {
    const first = await signedIn(browser);
    const second = browser.open();
    await second.auth.ready;
    const answer = browser.wire.hold("query Me");
    const asked = failure(second.me());
    await answer.arrived;
    await first.auth.signOut();
    answer.release();
    expect(await asked).toMatchObject({ code: "SESSION_CHANGED", reason: "elsewhere" });
    await arrival();
    expect(JSON.stringify(second.client.extract())).not.toContain("alice");
  });

  test("is not undone by the refresh of another, told afterwards", async () => {
    const first = await signedIn(browser);
    const second = browser.open();
    await second.auth.ready;
    await first.expire();
    const refresh = browser.wire.hold(REFRESH);
    const asked = failure(second.me());
    await refresh.arrived;
    await first.auth.signOut();
    refresh.release();
    await asked;
    await arrival();
    expect([first, second].map(statusOf)).toEqual(["signedOut", "signedOut"]);
  });
});

test("a session that the server has ended ends in all tabs, with its reason", async () => {
  const first = await signedIn(browser);
  const second = browser.open();
  await second.auth.ready;
  const stranger = await signedIn(browser, { name: "stranger" });
  expect(await stranger.me()).toBe("alice");
  const { refresh } = await tokensOf(first);
  await fetch(browser.wire.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      query: "mutation($t: String) { logout(refreshToken: $t) { ok } }",
      variables: { t: refresh },
    }),
  });
  await failure(first.me());
  await expect.poll(() => [first.ended, second.ended]).toEqual([["TOKEN_REVOKED"], ["TOKEN_REVOKED"]]);
  expect(statusOf(stranger)).toBe("signedIn");
});

describe("another user signing in", () => {
  test("takes over all tabs, and what they show", async () => {
    const first = await signedIn(browser);
    const second = browser.open();
    const shown = showMe(second);
    await expect.poll(() => shown).toEqual(["alice"]);
    await first.auth.signIn({ username: "bob", password: PASSWORD });
    await expect.poll(() => shown).toEqual(["alice", "bob"]);
    expect(second.auth.state).toEqual({ status: "signedIn", username: "bob" });
    expect(second.ended).toEqual([]);
    expect(JSON.stringify(second.client.extract())).not.toContain("alice");
  });

  test("at the same moment as a third leaves one of them in all tabs", async () => {
    const [first, second] = [browser.open(), browser.open()];
    await Promise.all([
      first.auth.signIn({ username: "alice", password: PASSWORD }),
      second.auth.signIn({ username: "bob", password: PASSWORD }),
    ]);
    await expect.poll(() => first.auth.state.username === second.auth.state.username).toBe(true);
    await arrival();
    expect(await first.me()).toBe(await second.me());
  });

  test("is not undone by a tab that tells of the session before", async () => {
    const first = await signedIn(browser);
    const old = await first.storage.load();
    await first.auth.signIn({ username: "bob", password: PASSWORD });
    // A page restored from the browser's memory may hold what was true when it was left.
    const left = browser.open({ storage: { load: () => old, save: () => {} } });
    await left.auth.ready;
    await isSignedInAs(left, "bob");
    await arrival();
    expect(first.auth.state.username).toBe("bob");
  });
});

describe.each([
  ["Web Locks", () => stubWebLocks()],
  ["no Web Locks, but localStorage", () => void stubLocalStorage()],
])("with %s", (_, prepare) => {
  test("an expired token costs all tabs one refresh", async () => {
    prepare();
    const tabs = [await signedIn(browser), browser.open(), browser.open()];
    await Promise.all(tabs.map(({ auth }) => auth.ready));
    await tabs[0]!.expire();
    expect(await Promise.all(tabs.map((tab) => tab.me()))).toEqual(["alice", "alice", "alice"]);
    expect(browser.wire.count(REFRESH)).toBe(1);
  });

  test("a refresh that failed in one tab is tried by the next", async () => {
    prepare();
    const [first, second] = [await signedIn(browser), browser.open()];
    await second.auth.ready;
    await first.expire();
    const refresh = browser.wire.hold(REFRESH);
    const failed = failure(first.me());
    await refresh.arrived;
    const tried = second.me();
    // Until it waits for the first.
    await arrival();
    refresh.lose();
    expect(await failed).toMatchObject({ code: "NETWORK_ERROR" });
    expect(await tried).toBe("alice");
    expect(await first.me()).toBe("alice");
  });

  test("a refused refresh is asked once, and ends the session once in every tab", async () => {
    prepare();
    const tabs = [await signedIn(browser), browser.open()];
    await Promise.all(tabs.map(({ auth }) => auth.ready));
    const { access } = await tokensOf(tabs[0]!);
    await fetch(browser.wire.url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${access}` },
      body: JSON.stringify({ query: "mutation { logout { ok } }" }),
    });
    await tabs[0]!.expire();
    await Promise.all(tabs.map((tab) => failure(tab.me())));
    await expect.poll(() => tabs.map(({ ended }) => ended)).toEqual([["SESSION_ENDED"], ["SESSION_ENDED"]]);
    expect(browser.wire.count(REFRESH)).toBe(1);
  });
});

test("with neither, tabs that refresh at the same moment all go on", async () => {
  const tabs = [await signedIn(browser), browser.open()];
  await Promise.all(tabs.map(({ auth }) => auth.ready));
  await tabs[0]!.expire();
  expect(await Promise.all(tabs.map((tab) => tab.me()))).toEqual(["alice", "alice"]);
});

describe("with a storage that tabs share", () => {
  const shared = () => webStorage(stubStorage());
  const stubStorage = () => {
    const items = stubLocalStorage();
    return {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    };
  };

  test("a session outlives the page", async () => {
    const storage = shared();
    const first = await signedIn(browser, { storage });
    first.auth.dispose();
    const next = browser.open({ storage });
    await next.auth.ready;
    expect(next.auth.state).toEqual({ status: "signedIn", username: "alice" });
    expect(await next.me()).toBe("alice");
  });

  test("a session that gives way to the next user as the page opens ends at the server too", async () => {
    const storage = shared();
    const first = await signedIn(browser, { storage });
    const { access } = await tokensOf(first);
    first.auth.dispose();
    const slow = { ...storage, load: async () => (await arrival(), await storage.load()) };
    const next = await signedIn(browser, { storage: slow, username: "bob" });
    expect(await next.me()).toBe("bob");
    await expect.poll(() => verdict(browser.wire.url, access)).toBe("TOKEN_REVOKED");
  });

  test("a token that another tab has replaced is looked up there, were its message lost", async () => {
    const storage = shared();
    browser = await openBrowser("headers", { storage });
    const deaf = await signedIn(browser, { tabs: false });
    const other = browser.open({ tabs: false });
    await other.auth.ready;
    await deaf.expire();
    await other.me();
    expect(await deaf.me()).toBe("alice");
    expect(browser.wire.count(REFRESH)).toBe(1);
  });

  test("a revoked session gives way to the one that another tab has stored", async () => {
    const storage = shared();
    browser = await openBrowser("headers", { storage });
    const deaf = await signedIn(browser, { tabs: false });
    await deaf.me();
    const other = browser.open({ tabs: false });
    await other.auth.ready;
    await other.auth.signOut();
    await other.auth.signIn({ username: "bob", password: PASSWORD });
    expect(await failure(deaf.me())).toMatchObject({ code: "SESSION_CHANGED" });
    expect(await deaf.me()).toBe("bob");
    expect(await other.me()).toBe("bob");
  });

  test("the end of an old session does not wipe the next user's tokens", async () => {
    const storage = shared();
    const first = await signedIn(browser, { storage, tabs: false });
    const { access } = await tokensOf(first);
    const second = await signedIn(browser, { storage, tabs: false, username: "bob" });
    expect(access).not.toBe((await tokensOf(second)).access);
    await first.auth.signOut();
    expect(await storage.load()).toMatchObject({ username: "bob" });
  });
});

test("a disposed tab hears nothing any more", async () => {
  const first = await signedIn(browser);
  const second = browser.open();
  await second.auth.ready;
  second.auth.dispose();
  await first.auth.signOut();
  await arrival();
  expect(statusOf(second)).toBe("signedIn");
  expect(await failure(second.me())).toMatchObject({ reason: "TOKEN_REVOKED" });
  expect(await refusals(second.me())).toEqual(["TOKEN_MISSING"]);
});

test("a disposed tab can still sign in and out", async () => {
  const tab = await signedIn(browser);
  tab.auth.dispose();
  await tab.auth.signOut();
  await tab.auth.signIn({ username: "bob", password: PASSWORD });
  expect(await tab.me()).toBe("bob");
});
