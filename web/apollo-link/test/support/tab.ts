/** A browser's tabs: each a `createAuth` with an Apollo Client of its own, all behind one wire. */

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client/core/index.js";
import { afterEach, inject, vi } from "vitest";
import { createAuth, memoryStorage } from "../../src/index.js";
import type { Auth, AuthOptions, TokenPair, TokenStorage } from "../../src/index.js";
import { ProcessLocks } from "./locks.js";
import { ME } from "./operations.js";
import type { ServerName } from "./servers.js";
import { openWire } from "./wire.js";
import type { Wire } from "./wire.js";

export const PASSWORD = "correct horse battery staple";

export interface Tab {
  auth: Auth;
  client: ApolloClient;
  /** What `onSignedOut` was called with, each time. */
  ended: string[];
  storage: TokenStorage;
  me(): Promise<string | null>;
  /** Let the time of its access token pass. */
  expire(): Promise<void>;
}

export interface Browser {
  wire: Wire;
  open(options?: TabOptions): Tab;
}

export interface TabOptions extends AuthOptions {
  /** What takes the place of the HttpLink. */
  terminating?: ApolloLink;
}

const closing: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  vi.unstubAllGlobals();
});

let browsers = 0;

export async function openBrowser(server: ServerName, common: AuthOptions = {}): Promise<Browser> {
  const wire = await openWire(inject("servers")[server]);
  closing.push(() => wire.close());
  const name = `${process.pid}-${++browsers}`;
  return {
    wire,
    open({ terminating, ...options } = {}) {
      const ended: string[] = [];
      const storage = options.storage ?? common.storage ?? memoryStorage();
      const onSignedOut = (why: string) => ended.push(why);
      const auth = createAuth({ uri: wire.url, name, tabs: true, ...common, onSignedOut, ...options, storage });
      const fetch = options.fetch ?? common.fetch ?? globalThis.fetch;
      const http = terminating ?? new HttpLink({ uri: wire.url, fetch });
      const client = new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.from([auth.link, http]) });
      auth.attach(client);
      closing.push(() => auth.dispose());
      const expire = async () => wire.expire((await tokensOf({ storage })).access);
      return { auth, client, ended, storage, me: () => me(client), expire };
    },
  };
}

export async function signedIn(browser: Browser, options: TabOptions & { username?: string } = {}): Promise<Tab> {
  const { username = "alice", ...others } = options;
  const tab = browser.open(others);
  await tab.auth.signIn({ username, password: PASSWORD });
  return tab;
}

export async function tokensOf({ storage }: Pick<Tab, "storage">): Promise<TokenPair> {
  const session = await storage.load();
  if (!session?.tokens) throw new Error("The tab has no tokens");
  return session.tokens;
}

/** Another client of the API, which has nothing to do with ours. */
export async function post(url: string, query: string, { variables = {}, token = "" } = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as {
    data?: Record<string, unknown>;
    errors?: { extensions: Record<string, string> }[];
  };
}

/** What the server says of an access token: null if it is good. */
export async function verdict(url: string, token: string): Promise<string | null> {
  const { errors } = await post(url, "{ me { id } }", { token });
  return errors?.[0]?.extensions["reason"] ?? null;
}

/** The names that a component on screen shows, one after the other. */
export function showMe({ client }: Tab): string[] {
  const shown: string[] = [];
  const query = client.watchQuery<{ me: { username: string } }>({ query: ME });
  const subscribe = () => {
    query.subscribe({
      next: ({ data }) => {
        const name = (data as { me?: { username: string } | null } | undefined)?.me?.username;
        if (name && name !== shown.at(-1)) shown.push(name);
      },
      // An error ends the subscription in version 3; its React hooks go on like this.
      error() {
        (query as { resetLastResults?: () => void }).resetLastResults?.();
        subscribe();
      },
    });
  };
  subscribe();
  return shown;
}

async function me(client: ApolloClient) {
  const { data } = await client.query<{ me: { username: string } | null }>({ query: ME, fetchPolicy: "network-only" });
  return data?.me?.username ?? null;
}

/** A user whom no test of the other major touches. */
export function userOfOurs(number: number) {
  return `user${number + (inject("major") === 3 ? 10 : 0)}`;
}

/** What an operation failed with. Apollo Client 3 wraps what a link raised; 4 does not. */
export async function failure(operation: Promise<unknown>): Promise<unknown> {
  const error = await operation.then(
    () => new Error("The operation succeeded"),
    (reason: unknown) => reason,
  );
  return (error as { networkError?: unknown }).networkError ?? error;
}

/** The reasons of a failed operation's GraphQL errors. */
export async function refusals(operation: Promise<unknown>): Promise<unknown[]> {
  const error = (await failure(operation)) as { errors?: unknown[]; graphQLErrors?: unknown[] };
  const errors = (error.errors ?? error.graphQLErrors ?? []) as { extensions?: { reason?: unknown } }[];
  return errors.map(({ extensions }) => extensions?.reason);
}

/** Give this process what a browser on HTTPS has. */
export function stubWebLocks() {
  vi.stubGlobal("navigator", { locks: new ProcessLocks() });
}

/** `localStorage`, shared by all tabs of this process. */
export function stubLocalStorage(): Map<string, string> {
  const items = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  });
  return items;
}
