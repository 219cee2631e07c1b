/** Signing in and out, in one tab. */

import { ApolloLink, gql } from "@apollo/client/core/index.js";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { AuthError } from "../src/index.js";
import { ME, REVOKE_SESSION, SESSIONS, VERSION } from "./support/operations.js";
import {
  PASSWORD,
  failure,
  openBrowser,
  post,
  refusals,
  showMe,
  signedIn,
  stubWebLocks,
  tokensOf,
  userOfOurs,
  verdict,
} from "./support/tab.js";
import type { Browser } from "./support/tab.js";

interface Sessions {
  sessions: { id: string; current: boolean }[];
}

let browser: Browser;

beforeEach(async () => {
  browser = await openBrowser("headers");
});

describe("signing in", () => {
  test("presents the access token from then on", async () => {
    const tab = browser.open();
    expect(await refusals(tab.me())).toEqual(["TOKEN_MISSING"]);
    await tab.auth.signIn({ username: "alice", password: PASSWORD });
    expect(await tab.me()).toBe("alice");
  });

  test("is told to listeners, with a state that stays the same object until the next change", async () => {
    const tab = browser.open();
    const seen = [tab.auth.state];
    const unsubscribe = tab.auth.subscribe(() => seen.push(tab.auth.state));
    await tab.auth.ready;
    await tab.auth.signIn({ username: "alice", password: PASSWORD });
    expect(tab.auth.state).toBe(tab.auth.state);
    unsubscribe();
    await tab.auth.signOut();
    expect(seen).toEqual([{ status: "loading" }, { status: "signedOut" }, { status: "signedIn", username: "alice" }]);
    expect(seen.every(Object.isFrozen)).toBe(true);
  });

  test("with a wrong password says what the server says, and keeps who is signed in", async () => {
    const tab = await signedIn(browser);
    const error = await failure(tab.auth.signIn({ username: userOfOurs(1), password: "wrong" }));
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ code: "INVALID_CREDENTIALS", reason: "INVALID_CREDENTIALS" });
    expect(tab.auth.state).toMatchObject({ status: "signedIn", username: "alice" });
  });

  test("too often says when to try again", async () => {
    const { auth } = browser.open();
    const attempts = Array.from(
      { length: 30 },
      () => () => failure(auth.signIn({ username: userOfOurs(2), password: "wrong" })),
    );
    let error: unknown;
    for (const attempt of attempts) {
      error = await attempt();
      if ((error as AuthError).code === "TOO_MANY_REQUESTS") break;
    }
    expect(error).toMatchObject({ code: "TOO_MANY_REQUESTS", reason: "RATE_LIMITED", retryAfter: expect.any(Number) });
  });

  test("without an answer says so", async () => {
    browser.wire.cut();
    const { auth } = browser.open();
    expect(await failure(auth.signIn({ username: "alice", password: PASSWORD }))).toMatchObject({
      code: "NETWORK_ERROR",
    });
  });

  test("where there is no GraphQL says so", async () => {
    const { auth } = browser.open({ uri: new URL("/health/live", browser.wire.url).href });
    expect(await failure(auth.signIn({ username: "alice", password: PASSWORD }))).toMatchObject({
      code: "BAD_RESPONSE",
    });
  });

  test("as the next user ends the session of the one before, at the server too", async () => {
    const tab = await signedIn(browser);
    const { access } = await tokensOf(tab);
    await tab.auth.signIn({ username: "bob", password: PASSWORD });
    expect(await tab.me()).toBe("bob");
    await expect.poll(() => verdict(browser.wire.url, access)).toBe("TOKEN_REVOKED");
  });

  test("fetches again what is on screen, as the new user", async () => {
    const tab = await signedIn(browser);
    const shown = showMe(tab);
    await expect.poll(() => shown.at(-1)).toBe("alice");
    await tab.auth.signIn({ username: "bob", password: PASSWORD });
    await expect.poll(() => shown.at(-1)).toBe("bob");
    // Still connected to the cache, which clearStore would have cut it off from.
    tab.client.writeQuery({ query: ME, data: { me: { __typename: "User", id: "9", username: "robert" } } });
    await expect.poll(() => shown.at(-1)).toBe("robert");
  });

  test("is undone by a sign-out that comes before the answer", async () => {
    const tab = browser.open();
    await tab.auth.ready;
    const grant = browser.wire.hold("tokenAuth");
    const signingIn = failure(tab.auth.signIn({ username: "alice", password: PASSWORD }));
    await grant.arrived;
    await tab.auth.signOut();
    grant.release();
    expect(await signingIn).toMatchObject({ code: "SESSION_CHANGED", reason: "signedOut" });
    expect(tab.auth.state.status).toBe("signedOut");
    await expect.poll(() => browser.wire.count("logout")).toBe(1);
  });
});

describe("signing out", () => {
  test("revokes the token at the server, and forgets it", async () => {
    const tab = await signedIn(browser);
    const { access } = await tokensOf(tab);
    await tab.auth.signOut();
    expect(await verdict(browser.wire.url, access)).toBe("TOKEN_REVOKED");
    expect(await tab.storage.load()).toBeNull();
    expect(await refusals(tab.me())).toEqual(["TOKEN_MISSING"]);
  });

  test("is told once, when nothing is left in the store", async () => {
    const left: unknown[] = [];
    const ended: string[] = [];
    const tab = await signedIn(browser, {
      onSignedOut(why) {
        ended.push(why);
        left.push(tab.client.extract());
      },
    });
    await tab.me();
    expect(tab.client.extract()).toHaveProperty("ROOT_QUERY");
    await Promise.all([tab.auth.signOut(), tab.auth.signOut()]);
    await tab.auth.signOut();
    expect(ended).toEqual(["signedOut"]);
    expect(left).toEqual([{}]);
    expect(tab.auth.state).toEqual({ status: "signedOut", reason: "signedOut" });
  });

  test("without an answer signs out here, says that the server did not confirm it, and can be tried again", async () => {
    const tab = await signedIn(browser);
    const { access } = await tokensOf(tab);
    browser.wire.cut("logout");
    expect(await failure(tab.auth.signOut())).toMatchObject({ code: "NETWORK_ERROR" });
    expect(tab.auth.state.status).toBe("signedOut");
    expect(await verdict(browser.wire.url, access)).toBeNull();
    browser.wire.mend();
    await tab.auth.signOut();
    expect(await verdict(browser.wire.url, access)).toBe("TOKEN_REVOKED");
    expect(tab.ended).toEqual(["signedOut"]);
  });

  test("is not held up by an application's callback that never returns", async () => {
    const tab = await signedIn(browser);
    tab.client.onResetStore(() => new Promise(() => {}));
    await tab.auth.signOut();
    expect(tab.auth.state.status).toBe("signedOut");
  });

  test("everywhere ends the user's other sessions", async () => {
    const username = userOfOurs(3);
    const [here, elsewhere] = [
      await signedIn(browser, { username }),
      await signedIn(browser, { username, name: "other device" }),
    ];
    expect(await here.auth.signOutEverywhere({ exceptCurrent: true })).toBe(1);
    expect(await here.me()).toBe(username);
    expect(await failure(elsewhere.me())).toMatchObject({ reason: "TOKEN_REVOKED" });
    expect(await here.auth.signOutEverywhere()).toBe(1);
    expect(here.auth.state.status).toBe("signedOut");
    expect(here.ended).toEqual(["signedOut"]);
  });

  test("everywhere changes nothing when the server cannot be reached", async () => {
    const tab = await signedIn(browser);
    browser.wire.cut("logoutAll");
    expect(await failure(tab.auth.signOutEverywhere())).toMatchObject({ code: "NETWORK_ERROR" });
    expect(await tab.me()).toBe("alice");
  });
});

describe("a session revoked by somebody else", () => {
  test("ends here with the server's reason at the next operation", async () => {
    const tab = await signedIn(browser);
    await tab.me();
    const { access } = await tokensOf(tab);
    await post(browser.wire.url, "mutation { logout { ok } }", { token: access });
    expect(await failure(tab.me())).toMatchObject({ code: "UNAUTHENTICATED", reason: "TOKEN_REVOKED" });
    await expect.poll(() => tab.ended).toEqual(["TOKEN_REVOKED"]);
    expect(tab.client.extract()).toEqual({});
    expect(browser.wire.count("refreshToken(")).toBe(0);
  });

  test("ends once, however many operations were refused", async () => {
    const tab = await signedIn(browser);
    await post(browser.wire.url, "mutation { logout { ok } }", { token: (await tokensOf(tab)).access });
    const asked = Array.from({ length: 8 }, (_, index) =>
      tab.client.query({ query: gql(`query Me${index} { me { id } }`) }),
    );
    await Promise.allSettled(asked);
    await expect.poll(() => tab.ended).toEqual(["TOKEN_REVOKED"]);
  });

  test("may be this very one, by a mutation of the application's", async () => {
    const tab = await signedIn(browser);
    const { data } = await tab.client.query<Sessions>({ query: SESSIONS });
    const id = data?.sessions.find(({ current }) => current)?.id;
    await tab.client.mutate({ mutation: REVOKE_SESSION, variables: { id } });
    expect(await failure(tab.me())).toMatchObject({ reason: "TOKEN_REVOKED" });
  });
});

describe("changing the password", () => {
  const changed = "quite another battery staple";

  test("goes on with the new tokens, while other sessions end", async () => {
    const username = userOfOurs(4);
    const [here, elsewhere] = [
      await signedIn(browser, { username }),
      await signedIn(browser, { username, name: "other device" }),
    ];
    const before = await tokensOf(here);
    await here.auth.changePassword({ oldPassword: PASSWORD, newPassword: changed });
    expect((await tokensOf(here)).refresh).not.toBe(before.refresh);
    expect(await here.me()).toBe(username);
    expect(await failure(elsewhere.me())).toMatchObject({ reason: "TOKEN_REVOKED" });
    await here.auth.changePassword({ oldPassword: changed, newPassword: PASSWORD });
  });

  test("goes on in every tab, without emptying a store or failing what is under way", async () => {
    stubWebLocks();
    const username = userOfOurs(6);
    const here = await signedIn(browser, { username });
    const beside = browser.open();
    await beside.auth.ready;
    expect(await beside.me()).toBe(username);
    const resets = [here, beside].map(({ client }) => {
      const reset = vi.fn(async () => {});
      client.onResetStore(reset);
      return reset;
    });

    const asking = Promise.all(Array.from({ length: 10 }, () => Promise.all([here.me(), beside.me()])));
    await here.auth.changePassword({ oldPassword: PASSWORD, newPassword: changed });

    expect(new Set((await asking).flat())).toEqual(new Set([username]));
    expect(await beside.me()).toBe(username);
    expect(resets.map((reset) => reset.mock.calls.length)).toEqual([0, 0]);
    await here.auth.signOut();
    await expect.poll(() => beside.auth.state.status).toBe("signedOut");
  });

  test("that comes while the user signs out leaves no session behind", async () => {
    const username = userOfOurs(7);
    const here = await signedIn(browser, { username });
    const changing = here.auth.changePassword({ oldPassword: PASSWORD, newPassword: changed });
    await Promise.allSettled([changing, here.auth.signOut()]);
    expect(here.auth.state.status).toBe("signedOut");

    // Whichever came first at the server: one of the two passwords is right.
    const { auth, client } = browser.open({ name: "other device" });
    await auth.signIn({ username, password: changed }).catch(() => auth.signIn({ username, password: PASSWORD }));
    await expect
      .poll(async () => (await client.query<Sessions>({ query: SESSIONS, fetchPolicy: "network-only" })).data?.sessions)
      .toHaveLength(1);
  });

  test("with a wrong old one says so, and signs nobody out", async () => {
    const tab = await signedIn(browser, { username: userOfOurs(5) });
    const attempt = tab.auth.changePassword({ oldPassword: "wrong", newPassword: changed });
    expect(await failure(attempt)).toMatchObject({ code: "INVALID_CREDENTIALS" });
    expect(await tab.me()).toBe(userOfOurs(5));
  });

  test("is for those who are signed in", async () => {
    const { auth } = browser.open();
    expect(await failure(auth.changePassword({ oldPassword: "a", newPassword: "b" }))).toMatchObject({
      reason: "TOKEN_MISSING",
    });
  });
});

describe("what the token is attached to", () => {
  /** The link's own doing, seen by the link behind it. */
  async function presented(context: Record<string, unknown>) {
    const seen: unknown[] = [];
    const peek = new ApolloLink((operation, forward) => {
      seen.push(operation.getContext()["headers"]);
      return forward(operation);
    });
    const { HttpLink } = await import("@apollo/client/core/index.js");
    const tab = await signedIn(browser, {
      terminating: ApolloLink.from([peek, new HttpLink({ uri: browser.wire.url })]),
    });
    await tab.client.query({ query: VERSION, context });
    return { headers: seen[0] as Record<string, string> | undefined, bearer: `Bearer ${(await tokensOf(tab)).access}` };
  }

  test("keeps the operation's other headers", async () => {
    const { headers, bearer } = await presented({ headers: { "X-Trace": "1" } });
    expect(headers).toEqual({ "X-Trace": "1", authorization: bearer });
  });

  test.each(["authorization", "Authorization"])("replaces an empty %s", async (name) => {
    const { headers, bearer } = await presented({ headers: { [name]: "" } });
    expect(headers).toEqual({ authorization: bearer });
  });

  test("leaves alone a token that the application presents itself", async () => {
    const { headers } = await presented({ headers: { Authorization: "Bearer its-own" } });
    expect(headers).toEqual({ Authorization: "Bearer its-own" });
  });

  test("spares an operation that asks for it", async () => {
    const { headers } = await presented({ skipAuth: true });
    expect(headers ?? {}).toEqual({});
  });

  test("reads headers given as such", async () => {
    const { headers, bearer } = await presented({ headers: new Headers({ "X-Trace": "1" }) });
    expect(headers).toEqual({ "x-trace": "1", authorization: bearer });
  });
});

test("operations begun before it is known who is signed in wait for it", async () => {
  const first = await signedIn(browser);
  const second = browser.open();
  expect(second.auth.state.status).toBe("loading");
  expect(await second.me()).toBe("alice");
  expect(first.auth.state.status).toBe("signedIn");
});

test("a storage that is forbidden costs nothing but the next page load its session", async () => {
  const forbidden = () => {
    throw new Error("forbidden");
  };
  const tab = await signedIn(browser, { storage: { load: forbidden, save: forbidden } });
  expect(await tab.me()).toBe("alice");
  await tab.auth.signOut();
  expect(tab.auth.state.status).toBe("signedOut");
});
