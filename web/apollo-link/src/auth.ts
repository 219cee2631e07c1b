/** Puts the parts together: one `createAuth` per application and tab. */

import type { ApolloLink } from "@apollo/client/core/index.js";
import { Api } from "./api.js";
import type { Credentials, PasswordChange } from "./api.js";
import { Departure } from "./departure.js";
import { sessionChanged } from "./errors.js";
import { Identity } from "./identity.js";
import type { AuthState, StoreOwner } from "./identity.js";
import { Keeper } from "./keeper.js";
import { createLink } from "./link.js";
import { createLock } from "./lock.js";
import { cookiePresenter, headerPresenter } from "./presenter.js";
import { Recovery } from "./recovery.js";
import type { Session } from "./session.js";
import { createStart, identifyByCookies } from "./start.js";
import { memoryStorage, openLocalStorage } from "./storage.js";
import type { TokenStorage } from "./storage.js";
import { noTabs, openTabs } from "./tabs.js";

export interface AuthOptions {
  /** Where sign-in, refresh and sign-out are sent. Default `/graphql`. */
  uri?: string;
  /** `cookie`: the tokens are HttpOnly cookies, and no script ever sees them. Default `header`. */
  mode?: "header" | "cookie";
  /** Where the tokens stay in header mode. Default: in memory, so that nothing outlives the page. */
  storage?: TokenStorage;
  /** Names what the tabs of this origin share. Default `auth`. */
  name?: string;
  /** Whether tabs share a session. Default: in a browser yes; on a server, which serves many users, no. */
  tabs?: boolean;
  /** The user model's `USERNAME_FIELD`. Default `username`. */
  usernameField?: string;
  /** Milliseconds until a request of ours is given up. Default 8000. */
  timeout?: number;
  fetch?: typeof fetch;
  credentials?: RequestCredentials;
  /** Called once for each session that ends here, with the reason. */
  onSignedOut?: (why: string) => void;
}

export interface Auth {
  /** The first of the client's links. */
  readonly link: ApolloLink;
  /** Resolves when it is known who is signed in, or that it cannot be known now. Never rejects. */
  readonly ready: Promise<void>;
  /** Immutable: another object after every change. */
  readonly state: AuthState;
  subscribe(listener: () => void): () => void;
  /** Have the client's store cleared whenever the user changes; the result detaches it again. */
  attach(client: StoreOwner): () => void;
  /** Raises `AuthError`. */
  signIn(credentials: Credentials): Promise<void>;
  /**
   * Ends the session here at once, and then at the server.
   *
   * Raises `AuthError` if the server did not confirm that: the user is signed out here all the same,
   * the session lives on there. Calling it again tries again.
   */
  signOut(): Promise<void>;
  /** End all the user's sessions, or all but this one; return how many. Raises `AuthError`, and changes nothing then. */
  signOutEverywhere(options?: { exceptCurrent?: boolean }): Promise<number>;
  /** Every other session ends; this one goes on with new tokens. Raises `AuthError`. */
  changePassword(passwords: PasswordChange): Promise<void>;
  /** Stop listening to other tabs. */
  dispose(): void;
}

export function createAuth(options: AuthOptions = {}): Auth {
  const { mode = "header", name = "auth", timeout = 8000, tabs = typeof document !== "undefined" } = options;
  const isHeaderMode = mode === "header";
  const shared = `django-graphql-revocation:${name}`;
  const api = new Api({
    uri: options.uri ?? "/graphql",
    mode,
    usernameField: options.usernameField ?? "username",
    timeout,
    credentials: options.credentials,
    fetch: options.fetch,
  });
  const identity = new Identity((why) => options.onSignedOut?.(why));
  const storage = (isHeaderMode && options.storage) || memoryStorage();
  const departure = new Departure(`${shared}:departure`, isHeaderMode ? null : openLocalStorage());
  const keeper = new Keeper(identity, storage, departure, (hear) => (tabs ? openTabs(shared, hear) : noTabs()));
  const exclusively = createLock(shared, { isShared: tabs, lease: timeout + 2000 });
  const recovery = new Recovery(identity, keeper, api, exclusively);
  const presenter = isHeaderMode
    ? headerPresenter
    : cookiePresenter(options.credentials ?? "include", () => !departure.isPending);

  // Two answers that set cookies must not cross: the later user could end up with the earlier one's.
  const inTurn = <Result>(request: () => Promise<Result>) => (isHeaderMode ? request() : exclusively(request));

  const find = () =>
    isHeaderMode ? keeper.restore() : exclusively(() => identifyByCookies({ api, identity, keeper, departure }));
  const start = createStart(identity, find);
  const settled = () => (identity.state.status === "loading" ? start.now() : identity.changing);
  const ready = start.now();

  let signOuts = 0;
  let unconfirmed: Session | null = null;

  return {
    link: createLink({ identity, recovery, presenter, settled }),
    ready,
    get state() {
      return identity.state;
    },
    subscribe: (listener) => identity.subscribe(listener),
    attach: (client) => identity.attach(client),
    dispose() {
      start.stop();
      keeper.close();
    },

    async signIn(credentials) {
      await ready;
      const before = signOuts;
      const grant = await inTurn(() => api.signIn(credentials));
      const previous = identity.session;
      if (before === signOuts) await keeper.open(grant);
      // Nobody will use these tokens any more; that the server cannot be told now changes nothing.
      const unused = before === signOuts ? previous?.tokens : grant.tokens;
      if (unused) api.signOut(unused).catch(() => {});
      if (before !== signOuts) throw sessionChanged("signedOut");
    },

    async signOut() {
      signOuts++;
      await ready;
      const { session } = identity;
      unconfirmed = session ?? unconfirmed;
      if (isHeaderMode && !unconfirmed) return;
      const told = session && keeper.end(session, sessionChanged("signedOut"));
      const [confirmed] = await Promise.allSettled([inTurn(() => api.signOut(unconfirmed?.tokens ?? null)), told]);
      if (confirmed.status === "rejected") throw confirmed.reason;
      unconfirmed = null;
      departure.end();
    },

    async signOutEverywhere({ exceptCurrent = false } = {}) {
      const ended = await recovery.attempt((session) =>
        inTurn(() => api.signOutEverywhere(session.tokens, exceptCurrent)),
      );
      const { session } = identity;
      if (!exceptCurrent && session) await keeper.end(session, sessionChanged("signedOut"));
      if (!exceptCurrent) departure.end();
      return ended;
    },

    async changePassword(passwords) {
      await recovery.attempt(async (session) => {
        const grant = await exclusively(() => api.changePassword(session.tokens, passwords));
        if (!keeper.replace(session, grant)) api.signOut(grant.tokens).catch(() => {});
      });
    },
  };
}
