/** Where the tokens stay between two page loads, if anywhere. */

import { asSession } from "./session.js";
import type { Session } from "./session.js";

type Awaitable<Value> = Value | Promise<Value>;

/** Implement this to keep the session somewhere else; both methods may be asynchronous. */
export interface TokenStorage {
  load(): Awaitable<Session | null>;
  /** Null: forget it. */
  save(session: Session | null): Awaitable<void>;
}

/** Keeps nothing that outlives the page. */
export function memoryStorage(): TokenStorage {
  let kept: Session | null = null;
  return {
    load: () => kept,
    save: (session) => void (kept = session),
  };
}

/** Keeps the session in `localStorage` or `sessionStorage`, where every script of the origin can read it. */
export function webStorage(
  backing: Pick<Storage, "getItem" | "setItem" | "removeItem">,
  key = "django-graphql-revocation",
): TokenStorage {
  return {
    load: () => parse(backing.getItem(key)),
    save: (session) => (session ? backing.setItem(key, JSON.stringify(session)) : backing.removeItem(key)),
  };
}

/** Browsers set to keep nothing throw when `localStorage` is so much as read. */
export function openLocalStorage(): Storage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

function parse(text: string | null) {
  try {
    return text === null ? null : asSession(JSON.parse(text));
  } catch {
    // Somebody else's text under our key is as good as none.
    return null;
  }
}
