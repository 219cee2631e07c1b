/** One task at a time, among all tabs of the origin: what lets a refresh token be spent once. */

import { openLocalStorage } from "./storage.js";

/** `hasWaited`: another tab was at it before, and may have news. */
export type Task<Result> = (hasWaited: boolean) => Promise<Result>;

export type Exclusive = <Result>(task: Task<Result>) => Promise<Result>;

/** `lease`: milliseconds no task outlasts; only a browser without Web Locks relies on it. */
export function createLock(name: string, { isShared, lease }: { isShared: boolean; lease: number }): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  const acrossTabs: Exclusive = (task) => {
    if (!isShared) return task(false);
    if (globalThis.navigator?.locks) return withWebLock(name, task);
    const storage = openLocalStorage();
    return storage ? withLease({ storage, key: name, lease }, task) : task(false);
  };
  return (task) => {
    const result = last.then(() => acrossTabs(task));
    last = result.catch(() => {});
    return result;
  };
}

async function withWebLock<Result>(name: string, task: Task<Result>): Promise<Result> {
  const { locks } = navigator;
  const atOnce = await locks.request(
    name,
    { ifAvailable: true },
    async (lock) => lock && { result: await task(false) },
  );
  return atOnce ? atOnce.result : locks.request(name, () => task(true));
}

interface Lease {
  storage: Storage;
  key: string;
  lease: number;
}

/** Browsers know Web Locks on HTTPS and localhost only. Elsewhere a line in localStorage must do. */
async function withLease<Result>({ storage, key, lease }: Lease, task: Task<Result>): Promise<Result> {
  const own = crypto.getRandomValues(new Uint32Array(4)).join("-");
  let hasWaited = false;
  while (!(await take({ storage, key, lease }, own))) {
    hasWaited = true;
    await pause(POLL);
  }
  try {
    return await task(hasWaited);
  } finally {
    if (holder(storage, key) === own) storage.removeItem(key);
  }
}

const POLL = 50;
/** Longer than two tabs need to see each other's writing. */
const SETTLE = 25;

async function take({ storage, key, lease }: Lease, own: string) {
  if (holder(storage, key)) return false;
  storage.setItem(key, JSON.stringify({ own, until: Date.now() + lease }));
  // Whoever wrote last, of those who found it free at the same moment, has it.
  await pause(SETTLE);
  return holder(storage, key) === own;
}

/** Who has the lease; null if nobody, or a tab that was closed without giving it back. */
function holder(storage: Storage, key: string): string | null {
  try {
    const { own, until } = JSON.parse(storage.getItem(key) ?? "") as { own: string; until: number };
    return until > Date.now() ? own : null;
  } catch {
    return null;
  }
}

function pause(milliseconds: number) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
