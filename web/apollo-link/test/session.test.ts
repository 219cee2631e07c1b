/** Which of two sessions counts, and what may come out of a storage. */

import { describe, expect, test } from "vitest";
import { memoryStorage, webStorage } from "../src/index.js";
import type { Session } from "../src/index.js";
import { isNewer } from "../src/session.js";

const session = (change: Partial<Session> = {}): Session => ({
  sid: "a",
  username: "alice",
  tokens: { access: "access", refresh: "refresh" },
  since: 1000,
  version: 1000,
  ...change,
});

describe("of two sessions", () => {
  test("the later sign-in counts, however lately the earlier was refreshed", () => {
    const [refreshed, later] = [session({ version: 9000 }), session({ sid: "b", since: 2000, version: 2000 })];
    expect([isNewer(later, refreshed), isNewer(refreshed, later)]).toEqual([true, false]);
  });

  test("of one sign-in the later refresh counts", () => {
    const [before, after] = [session(), session({ version: 1001 })];
    expect([isNewer(after, before), isNewer(before, after), isNewer(before, before)]).toEqual([true, false, false]);
  });

  test("of the same moment exactly one counts", () => {
    const [one, other] = [session(), session({ sid: "b" })];
    expect(isNewer(one, other)).not.toBe(isNewer(other, one));
  });
});

function backing(text?: string) {
  const items = new Map(text === undefined ? [] : [["key", text]]);
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

describe.each([
  ["memory", () => memoryStorage()],
  ["web", () => webStorage(backing(), "key")],
])("%s storage", (_, create) => {
  test("gives back what was saved, and nothing once it was forgotten", async () => {
    const storage = create();
    expect(await storage.load()).toBeNull();
    await storage.save(session());
    expect(await storage.load()).toEqual(session());
    await storage.save(null);
    expect(await storage.load()).toBeNull();
  });
});

test.each(["", "{", "null", "1", '"text"', "{}", JSON.stringify({ ...session(), tokens: { access: 1 } })])(
  "web storage takes %j for nothing",
  async (text) => expect(await webStorage(backing(text), "key").load()).toBeNull(),
);

test("web storage leaves no key behind when the session is forgotten", async () => {
  const store = backing();
  const storage = webStorage(store, "key");
  await storage.save(session());
  await storage.save(null);
  expect(store.items.size).toBe(0);
});
