/** One task at a time, whatever the browser offers for it. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLock } from "../src/lock.js";
import { stubLocalStorage, stubWebLocks } from "./support/tab.js";

afterEach(() => void vi.unstubAllGlobals());

/** A lease that no task here outlasts, however slow the machine. */
const OPTIONS = { isShared: true, lease: 60_000 };

/** A task that says how many of its kind ran at the same time. */
function counted() {
  let running = 0;
  const most = { value: 0, order: [] as boolean[] };
  const task = async (hasWaited: boolean) => {
    most.value = Math.max(most.value, ++running);
    most.order.push(hasWaited);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running--;
  };
  return { most, task };
}

describe.each([
  ["Web Locks", () => stubWebLocks()],
  ["a lease", () => void stubLocalStorage()],
])("%s", (kind, prepare) => {
  beforeEach(prepare);

  test("let one tab in at a time, and say who has waited", async () => {
    const { most, task } = counted();
    await Promise.all(Array.from({ length: 5 }, () => createLock(kind, OPTIONS)(task)));
    expect(most.value).toBe(1);
    expect(most.order).toEqual([false, true, true, true, true]);
  });

  test("let the next in after a failure", async () => {
    const exclusively = createLock(kind, OPTIONS);
    await expect(exclusively(() => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    expect(await exclusively(async () => "next")).toBe("next");
  });
});

test("a lease left behind by a closed tab runs out", async () => {
  const items = stubLocalStorage();
  items.set("left", JSON.stringify({ own: "closed", until: Date.now() + 200 }));
  const asked = Date.now();
  await createLock("left", OPTIONS)(async () => {});
  expect(Date.now() - asked).toBeGreaterThanOrEqual(150);
});

test("a lease that two tabs took at the same moment is the later one's", async () => {
  const items = stubLocalStorage();
  const asked = Date.now();
  const entered = createLock("both", OPTIONS)(async () => Date.now());
  // What the other tab wrote, having found it free as well.
  setTimeout(() => items.set("both", JSON.stringify({ own: "other", until: Date.now() + 200 })), 5);
  expect((await entered) - asked).toBeGreaterThanOrEqual(150);
});

test("a lease that is nobody's, or garbage, holds nobody up", async () => {
  const items = stubLocalStorage();
  items.set("garbage", "{");
  expect(await createLock("garbage", OPTIONS)(async () => "in")).toBe("in");
  expect(items.has("garbage")).toBe(false);
});

test("without either, one tab still does one thing at a time", async () => {
  const { most, task } = counted();
  const exclusively = createLock("alone", OPTIONS);
  await Promise.all([exclusively(task), exclusively(task)]);
  expect(most.value).toBe(1);
});

test("a browser that forbids localStorage is as one without", async () => {
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get() {
      throw new Error("forbidden");
    },
  });
  expect(await createLock("forbidden", OPTIONS)(async () => "in")).toBe("in");
  Reflect.deleteProperty(globalThis, "localStorage");
});
