/** What the tabs of one origin tell each other. Same-origin by the browser's own rule. */

import { asSession } from "./session.js";
import type { Session } from "./session.js";

export type Message =
  /** A tab that has just been opened asks who is signed in. */
  | { kind: "hello" }
  /** This is the session, as newly opened, refreshed or asked for. */
  | { kind: "session"; session: Session }
  /** This session is over; `why` is the server's reason, or null if the user signed out. */
  | { kind: "ended"; sid: string; why: string | null };

export interface Tabs {
  /** Whether nobody will ever answer. */
  readonly isAlone: boolean;
  tell(message: Message): unknown;
  close(): void;
}

const ALONE: Tabs = { isAlone: true, tell: () => {}, close: () => {} };

export function openTabs(name: string, hear: (message: Message) => void): Tabs {
  if (typeof BroadcastChannel === "undefined") return ALONE;
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => {
    const message = asMessage(data);
    if (message) hear(message);
  };
  let isOpen = true;
  const tell = (message: Message) => isOpen && channel.postMessage(message);
  // A page that the browser had put aside has missed what was told meanwhile.
  const returned = (event: Event) => (event as PageTransitionEvent).persisted && tell({ kind: "hello" });
  globalThis.addEventListener?.("pageshow", returned);
  return {
    isAlone: false,
    tell,
    close() {
      isOpen = false;
      channel.close();
      globalThis.removeEventListener?.("pageshow", returned);
    },
  };
}

export function noTabs(): Tabs {
  return ALONE;
}

/** A tab may run an older or newer release of this package than ours. */
function asMessage(data: unknown): Message | null {
  const { kind, session, sid, why } = (data ?? {}) as Record<string, unknown>;
  if (kind === "hello") return { kind };
  if (kind === "ended" && typeof sid === "string") return { kind, sid, why: typeof why === "string" ? why : null };
  const whole = kind === "session" ? asSession(session) : null;
  return whole && { kind: "session", session: whole };
}
