/** Who this tab acts for. Everything that belongs to one user begins and ends here. */

import type { AuthError } from "./errors.js";
import type { Session } from "./session.js";

/** What an application shows: a new frozen object for every change. */
export interface AuthState {
  readonly status: "loading" | "signedIn" | "signedOut";
  readonly username?: string;
  /** Why it is so, where that is worth knowing: the last sign-out's reason. */
  readonly reason?: string;
}

/** As much of an Apollo Client as we need, in version 3 and 4 alike. */
export interface StoreOwner {
  resetStore(): Promise<unknown>;
  onResetStore(callback: () => Promise<unknown>): () => void;
}

type Abort = (error: AuthError) => void;

export class Identity {
  #session: Session | null = null;
  #state: AuthState = Object.freeze({ status: "loading" });
  #changes = 0;
  #changing: Promise<void> | undefined;
  readonly #underWay = new Set<Abort>();
  readonly #clients = new Set<StoreOwner>();
  readonly #listeners = new Set<() => void>();

  constructor(private readonly onSignedOut: (why: string) => void) {}

  get session(): Session | null {
    return this.#session;
  }

  get state(): AuthState {
    return this.#state;
  }

  /** While the user changes, when that is done: new operations wait for it. */
  get changing(): Promise<void> | undefined {
    return this.#changing;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  attach(client: StoreOwner): () => void {
    this.#clients.add(client);
    return () => this.#clients.delete(client);
  }

  /** Have `abort` called when the user changes before the returned function was. */
  enlist(abort: Abort): () => void {
    this.#underWay.add(abort);
    return () => this.#underWay.delete(abort);
  }

  /** Say who is signed in at the start, when no store can hold anything of another user yet. */
  begin(session: Session | null, reason?: string): void {
    // Whoever signed in, or out, while we were asking has settled it.
    if (this.#changes > 0 || this.#state.status !== "loading") return;
    this.#session = session;
    this.#publish(reason);
  }

  /** Nobody could say who is signed in. */
  puzzle(reason: string): void {
    if (this.#changes > 0 || this.#state.status !== "loading") return;
    this.#state = Object.freeze({ status: "loading", reason });
    this.#notify();
  }

  /** The same user goes on with newer tokens. */
  renew(session: Session): void {
    this.#session = session;
  }

  /**
   * Another user, or nobody. From the moment this is called no answer to an operation of the
   * previous user is delivered; it resolves when the stores are empty and everybody was told.
   */
  change(session: Session | null, cause: AuthError): Promise<void> {
    const change = ++this.#changes;
    this.#session = session;
    const underWay = [...this.#underWay];
    this.#underWay.clear();
    for (const abort of underWay) abort(cause);
    const told = Promise.all([...this.#clients].map(emptyStore)).then(() => {
      // A change that came meanwhile is the one to tell.
      if (change === this.#changes) this.#publish(session ? undefined : cause.reason);
    });
    // What the news takes off the screen shall not be fetched again first.
    this.#changing = told.then(nextTask).then(() => {
      if (change === this.#changes) this.#changing = undefined;
    });
    return told;
  }

  #publish(reason?: string) {
    const wasSignedIn = this.#state.status === "signedIn";
    this.#state = Object.freeze({
      ...(this.#session
        ? { status: "signedIn" as const, username: this.#session.username }
        : { status: "signedOut" as const }),
      ...(reason !== undefined && { reason }),
    });
    this.#notify();
    if (wasSignedIn && !this.#session) this.onSignedOut(reason ?? "signedOut");
  }

  #notify() {
    for (const listener of this.#listeners) listener();
  }
}

/**
 * Resolves when nothing is left in the store; the queries on screen are fetched again after that.
 *
 * `clearStore` would leave them showing the previous user's data, and cut off from the cache.
 */
function emptyStore(client: StoreOwner): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stop();
      resolve();
    };
    // Called when the store is empty, other callbacks of the application notwithstanding.
    const stop = client.onResetStore(async () => done());
    // A query that fails when it is fetched again tells its own observers.
    client.resetStore().then(done, done);
  });
}

function nextTask() {
  return new Promise((resolve) => setTimeout(resolve));
}
