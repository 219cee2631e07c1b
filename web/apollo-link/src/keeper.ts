/** Keeps this tab's session in step with what is stored and with the other tabs. */

import type { Grant } from "./api.js";
import type { Departure } from "./departure.js";
import { AuthError, sessionChanged } from "./errors.js";
import type { Identity } from "./identity.js";
import { continues, isNewer } from "./session.js";
import type { Session, TokenPair } from "./session.js";
import type { TokenStorage } from "./storage.js";
import type { Message, Tabs } from "./tabs.js";

/** How long a tab that holds no session waits, when it opens, for one that does. */
const HELLO_PATIENCE = 150;
/** How long the news of a refresh may be on its way after we have waited for its end. */
const NEWS_PATIENCE = 250;
/** The same, had it ended just before we asked for the lock. */
const LATE_NEWS_PATIENCE = 20;
/** So many times the page must have had time to hear the others before it is out of patience. */
const TURNS = 5;

export class Keeper {
  readonly #tabs: Tabs;
  readonly #ended = new Set<string>();
  readonly #waiting = new Set<() => void>();
  #latest = 0;
  #writes: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly identity: Identity,
    private readonly storage: TokenStorage,
    private readonly departure: Departure,
    openTabs: (hear: (message: Message) => void) => Tabs,
  ) {
    this.#tabs = openTabs((message) => this.#hear(message));
  }

  /** Take up the stored session, or that of another tab. */
  async restore(): Promise<void> {
    const stored = await this.#load();
    this.#tabs.tell({ kind: "hello" });
    if (!stored) await this.#news(HELLO_PATIENCE);
    this.identity.begin(stored && this.#ended.has(stored.sid) ? null : stored);
  }

  /** Begin with what the server said of the cookies. */
  begin(grant: Grant | null, reason?: string): void {
    const session = grant && this.#session(grant);
    this.identity.begin(session, reason);
    if (session) this.#tabs.tell({ kind: "session", session });
  }

  /** The user signed in here. */
  open(grant: Grant): Promise<void> {
    const session = this.#session(grant);
    this.#tabs.tell({ kind: "session", session });
    this.#write(() => this.storage.save(session));
    this.departure.end();
    return this.identity.change(session, sessionChanged("signedIn"));
  }

  /** The same session goes on with newer tokens; dropped if it ended while they were on their way. */
  renew({ sid }: Session, tokens: TokenPair | null): void {
    const { session: current } = this.identity;
    if (current?.sid !== sid) return;
    const session = { ...current, tokens, version: this.#next() };
    this.identity.renew(session);
    this.#tabs.tell({ kind: "session", session });
    this.#keep(session);
  }

  /**
   * The password was changed here: the session goes on under another id, with newer tokens.
   *
   * Return false if it ended while they were on their way: the server does not know that.
   */
  replace({ sid }: Session, grant: Grant): boolean {
    if (this.identity.session?.sid !== sid) return false;
    const session = { ...this.#session(grant), replaces: sid };
    this.#ended.add(sid);
    this.identity.renew(session);
    this.#tabs.tell({ kind: "session", session });
    this.#keep(session);
    return true;
  }

  /** The session is over, for all tabs. What must be so at once is so before the first `await`. */
  end({ sid }: Session, cause: AuthError): Promise<void> {
    const isByUser = cause.code === "SESSION_CHANGED";
    if (isByUser) this.departure.begin();
    const told = this.#drop(sid, cause);
    this.#tabs.tell({ kind: "ended", sid, why: isByUser ? null : cause.reason });
    return told;
  }

  /** Take up what another tab stored or told since `known` was current. */
  async catchUp(known: Session, { hasWaited = false } = {}): Promise<void> {
    const stored = await this.#load();
    if (stored) this.#adopt(stored);
    if (this.identity.session === known) await this.#news(hasWaited ? NEWS_PATIENCE : LATE_NEWS_PATIENCE);
  }

  close(): void {
    this.#tabs.close();
  }

  #hear(message: Message) {
    const { session } = this.identity;
    if (message.kind === "hello") {
      if (session) this.#tabs.tell({ kind: "session", session });
      return;
    }
    if (message.kind === "session") this.#adopt(message.session);
    if (message.kind === "ended") {
      const cause = message.why === null ? sessionChanged("elsewhere") : endedElsewhere(message.why);
      if (session?.sid === message.sid) void this.#drop(message.sid, cause);
      this.#ended.add(message.sid);
    }
    for (const goOn of this.#waiting) goOn();
  }

  #adopt(session: Session) {
    const { session: current, state } = this.identity;
    // A message may be overtaken by the end of the session it is about.
    if (this.#ended.has(session.sid)) return;
    this.#latest = Math.max(this.#latest, session.since, session.version);
    if (current && !isNewer(session, current)) {
      // Two tabs signed in at the same moment: the one that lost must hear of it.
      if (current.sid !== session.sid) this.#tabs.tell({ kind: "session", session: current });
      return;
    }
    this.departure.end();
    this.#keep(session);
    if (state.status === "loading") this.identity.begin(session);
    else if (current && continues(session, current)) this.identity.renew(session);
    else void this.identity.change(session, sessionChanged("elsewhere"));
  }

  #drop(sid: string, cause: AuthError) {
    this.#ended.add(sid);
    this.#forget(sid);
    return this.identity.change(null, cause);
  }

  #session({ sid, username, tokens }: Grant): Session {
    const now = this.#next();
    return { sid, username, tokens, since: now, version: now };
  }

  /** The time, or a little later: what happens after something seen in any tab must look later. */
  #next() {
    return (this.#latest = Math.max(Date.now(), this.#latest + 1));
  }

  /** Resolves at the next message, or when there was none for so long. */
  async #news(patience: number) {
    if (this.#tabs.isAlone) return;
    await new Promise<void>((resolve) => {
      let timer: ReturnType<typeof setTimeout>;
      const goOn = () => {
        clearTimeout(timer);
        this.#waiting.delete(goOn);
        resolve();
      };
      // In turns: a page that was busy all the while has not heard yet what it was told.
      const wait = (turns: number) => {
        if (turns === 0) goOn();
        else timer = setTimeout(wait, patience / TURNS, turns - 1);
      };
      this.#waiting.add(goOn);
      wait(TURNS);
    });
  }

  async #load() {
    await this.#writes;
    const stored = await this.#read();
    if (stored) this.#latest = Math.max(this.#latest, stored.since, stored.version);
    return stored;
  }

  async #read() {
    try {
      return await this.storage.load();
    } catch {
      // Forbidden, or broken: as if there were none.
      return null;
    }
  }

  #keep(session: Session) {
    this.#write(async () => {
      const stored = await this.#read();
      if (!stored || isNewer(session, stored)) await this.storage.save(session);
    });
  }

  #forget(sid: string) {
    this.#write(async () => {
      const stored = await this.#read();
      // Another tab may have stored the session of the next user already.
      if (!stored || stored.sid === sid) await this.storage.save(null);
    });
  }

  /** One after the other; a storage that is full or forbidden costs the next page load its session. */
  #write(write: () => unknown) {
    this.#writes = this.#writes.then(write).catch(() => {});
  }
}

function endedElsewhere(reason: string) {
  return new AuthError("The session is over", { code: "UNAUTHENTICATED", reason });
}
