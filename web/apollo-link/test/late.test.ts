/** Attack: an answer to the old user, held back by the network, comes when the next one is signed in. */

import { gql } from "@apollo/client/core/index.js";
import { BatchHttpLink } from "@apollo/client/link/batch-http/index.js";
import { beforeEach, describe, expect, test } from "vitest";
import { AuthError } from "../src/index.js";
import { ME, REVOKE_SESSION } from "./support/operations.js";
import { PASSWORD, failure, openBrowser, showMe, signedIn } from "./support/tab.js";
import type { Browser, Tab } from "./support/tab.js";

let browser: Browser;
let tab: Tab;

beforeEach(async () => {
  browser = await openBrowser("headers");
  tab = await signedIn(browser);
});

const cached = () => JSON.stringify(tab.client.extract());
const signInAsBob = () => tab.auth.signIn({ username: "bob", password: PASSWORD });

/** Long enough for a released answer to arrive, if it were let in. */
const arrival = () => new Promise((resolve) => setTimeout(resolve, 100));

describe.each([
  ["a sign-out and a sign-in", async () => (await tab.auth.signOut(), await signInAsBob())],
  ["a sign-in over it", signInAsBob],
])("after %s", (_, change) => {
  test("a query's late answer never reaches the next user's store", async () => {
    const answer = browser.wire.hold("query Me");
    const asked = failure(tab.client.query({ query: ME }));
    await answer.arrived;
    await change();
    answer.release();
    await arrival();
    expect(cached()).not.toContain("alice");
    expect(await asked).toBeInstanceOf(AuthError);
    expect(await asked).toMatchObject({ code: "SESSION_CHANGED" });
    expect(await tab.me()).toBe("bob");
  });

  test("nor does a mutation's", async () => {
    const mutation = gql`
      mutation Late($token: String) {
        verifyToken(token: $token) {
          payload
        }
      }
    `;
    const answer = browser.wire.hold("mutation Late");
    const { tokens } = (await tab.storage.load())!;
    const asked = failure(tab.client.mutate({ mutation, variables: { token: tokens!.access } }));
    await answer.arrived;
    await change();
    answer.release();
    await arrival();
    expect(await asked).toMatchObject({ code: "SESSION_CHANGED" });
    expect(cached()).not.toContain("alice");
  });

  test("nor does that of a query on screen, which shows the next user", async () => {
    const answer = browser.wire.hold("query Me");
    const shown = showMe(tab);
    await answer.arrived;
    await change();
    answer.release();
    await expect.poll(() => shown).toEqual(["bob"]);
    expect(cached()).not.toContain("alice");
  });
});

test("a query under way is called off, a mutation is not", async () => {
  const query = gql`
    query Running {
      version
    }
  `;
  const mutation = gql`
    mutation Running {
      verifyToken {
        payload
      }
    }
  `;
  const answers = [browser.wire.hold("query Running"), browser.wire.hold("mutation Running")];
  const asked = [failure(tab.client.query({ query })), failure(tab.client.mutate({ mutation }))];
  await Promise.all(answers.map(({ arrived }) => arrived));
  await tab.auth.signOut();
  await Promise.all(asked);
  const isAbandoned = (word: string) => browser.wire.passed.find(({ text }) => text.includes(word))?.isAbandoned;
  await expect.poll(() => isAbandoned("query Running")).toBe(true);
  await arrival();
  expect(isAbandoned("mutation Running")).toBe(false);
  for (const { release } of answers) release();
});

test("a refresh whose answer is late brings nobody back", async () => {
  await tab.expire();
  const refresh = browser.wire.hold("refreshToken(");
  const asked = failure(tab.me());
  await refresh.arrived;
  await tab.auth.signOut();
  refresh.release();
  await arrival();
  expect(await asked).toMatchObject({ code: "SESSION_CHANGED", reason: "signedOut" });
  expect(tab.auth.state.status).toBe("signedOut");
  expect(await tab.storage.load()).toBeNull();
});

test("an operation of the old user is not sent again as the new one", async () => {
  await tab.expire();
  const refresh = browser.wire.hold("refreshToken(");
  const asked = failure(tab.client.mutate({ mutation: REVOKE_SESSION, variables: { id: "none" } }));
  await refresh.arrived;
  await signInAsBob();
  refresh.release();
  await arrival();
  expect(await asked).toMatchObject({ code: "SESSION_CHANGED", reason: "signedIn" });
  expect(browser.wire.count("mutation RevokeSession")).toBe(1);
});

test("nor is a password changed for the new one", async () => {
  await tab.expire();
  const refresh = browser.wire.hold("refreshToken(");
  const asked = failure(
    tab.auth.changePassword({ oldPassword: PASSWORD, newPassword: "quite another battery staple" }),
  );
  await refresh.arrived;
  await signInAsBob();
  refresh.release();
  expect(await asked).toMatchObject({ code: "SESSION_CHANGED" });
  expect(browser.wire.count("changePassword")).toBe(1);
  expect(tab.auth.state.username).toBe("bob");
});

test("the members of a batch are refused, refreshed and sent again each for itself", async () => {
  browser = await openBrowser("headers");
  tab = await signedIn(browser, { terminating: new BatchHttpLink({ uri: browser.wire.url, batchInterval: 20 }) });
  await tab.expire();
  const queries = [
    ME,
    gql`
      query Other {
        me {
          id
        }
      }
    `,
    gql`
      query Public {
        version
      }
    `,
  ];
  const answers = await Promise.all(queries.map((query) => tab.client.query({ query })));
  expect(answers.map(({ data }) => Object.keys(data as object))).toEqual([["me"], ["me"], ["version"]]);
  expect(browser.wire.count("refreshToken(")).toBe(1);
  expect(browser.wire.count("query Public")).toBe(1);
});
