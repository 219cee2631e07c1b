/** What GraphiQL may keep between visits: tabs and history, with every secret taken out first. */

import type { Storage } from "@graphiql/toolkit";

const JWT = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
// A password or token argument, variable or variable's default, with a plain or a block string.
const SECRET_ARGUMENT =
  /(\w*(?:password|token)"?\s*:\s*(?:String!?\s*=\s*)?)(?:"""[\s\S]*?"""|"(?:[^"\\]|\\.)*")/gi;

/** `text` with tokens and the values of password and token arguments emptied. */
export function redact(text: string): string {
  return text.replace(SECRET_ARGUMENT, '$1""').replace(JWT, "");
}

/** A stored value is either plain text or JSON whose strings are queries, variables and headers. */
export function redactStored(value: string): string {
  try {
    return JSON.stringify(JSON.parse(value), redactMember);
  } catch {
    return redact(value);
  }
}

function redactMember(key: string, value: unknown) {
  if (key === "headers") return null;
  return typeof value === "string" ? redact(value) : value;
}

/** Browsers set to keep nothing throw when `localStorage` is so much as read: then nothing is kept. */
export function openStorage(): Storage {
  try {
    return createRedactingStorage(window.localStorage);
  } catch {
    return keepNothing;
  }
}

/** `backing` as GraphiQL wants it. */
export function createRedactingStorage(backing: globalThis.Storage): Storage {
  return {
    get length() {
      return backing.length;
    },
    getItem: (key) => backing.getItem(key),
    setItem: (key, value) => backing.setItem(key, redactStored(value)),
    removeItem: (key) => backing.removeItem(key),
    clear: () => ownKeys(backing).forEach((key) => backing.removeItem(key)),
  };
}

function ownKeys(backing: globalThis.Storage) {
  return Object.keys(backing).filter((key) => key.startsWith("graphiql:"));
}

const keepNothing: Storage = { length: 0, getItem: () => null, setItem: () => {}, removeItem: () => {}, clear: () => {} };
