/** The server's session mutations, each a plain request of its own that no other link sees. */

import { AuthError, errorFrom, errorsIn, isObject } from "./errors.js";
import type { TokenPair } from "./session.js";

export interface ApiOptions {
  uri: string;
  mode: "header" | "cookie";
  usernameField: string;
  /** Milliseconds until an unanswered request is given up. */
  timeout: number;
  credentials: RequestCredentials | undefined;
  fetch: typeof fetch | undefined;
}

export interface Grant {
  sid: string;
  username: string;
  tokens: TokenPair | null;
}

export interface Credentials {
  username: string;
  password: string;
}

export interface PasswordChange {
  oldPassword: string;
  newPassword: string;
}

interface Request {
  query: string;
  variables?: Record<string, unknown>;
  /** The pair whose access token to present. */
  as?: TokenPair | null;
  /** Let the request outlive the page that sent it. */
  keepalive?: boolean;
}

export class Api {
  readonly #pair: string;
  readonly #grant: string;

  constructor(private readonly options: ApiOptions) {
    // The server may have taken the token fields out of its schema in cookie mode.
    this.#pair = options.mode === "header" ? "token refreshToken" : "";
    this.#grant = `{ payload ${this.#pair} }`;
  }

  async signIn({ username, password }: Credentials): Promise<Grant> {
    const { usernameField } = this.options;
    const query = `mutation SignIn($username: String!, $password: String!) {
      tokenAuth(${usernameField}: $username, password: $password) ${this.#grant}
    }`;
    const grant = this.#grantIn(await this.#ask({ query, variables: { username, password } }));
    return { ...grant, username: grant.username || username };
  }

  /** Ask whose the cookies are. */
  async identify(): Promise<Grant> {
    return this.#grantIn(await this.#ask({ query: "mutation Identify { verifyToken { payload } }" }));
  }

  /** Present the refresh token, and nothing else: the access token beside it is dead or dying. */
  async refresh(tokens: TokenPair | null): Promise<Grant> {
    const query = tokens
      ? `mutation Refresh($token: String) { refreshToken(refreshToken: $token) ${this.#grant} }`
      : `mutation Refresh { refreshToken ${this.#grant} }`;
    return this.#grantIn(await this.#ask({ query, ...(tokens && { variables: { token: tokens.refresh } }) }));
  }

  async signOut(tokens: TokenPair | null): Promise<void> {
    await this.#ask({ query: "mutation SignOut { logout { ok } }", as: tokens, keepalive: true });
  }

  /** Return how many sessions ended. */
  async signOutEverywhere(tokens: TokenPair | null, exceptCurrent: boolean): Promise<number> {
    const query = "mutation SignOutEverywhere($except: Boolean) { logoutAll(exceptCurrent: $except) { ended } }";
    const { ended } = await this.#ask({ query, variables: { except: exceptCurrent }, as: tokens });
    return Number(ended);
  }

  async changePassword(
    tokens: TokenPair | null,
    { oldPassword, newPassword }: PasswordChange,
  ): Promise<Grant> {
    const query = `mutation ChangePassword($old: String!, $new: String!) {
      changePassword(oldPassword: $old, newPassword: $new) ${this.#grant}
    }`;
    return this.#grantIn(await this.#ask({ query, variables: { old: oldPassword, new: newPassword }, as: tokens }));
  }

  /** Return the value of the request's only root field; raise what the server said otherwise. */
  async #ask(request: Request): Promise<Record<string, unknown>> {
    const answer = await this.#post(request);
    const [error] = errorsIn(answer);
    if (error) throw errorFrom(error);
    const data = isObject(answer) ? answer["data"] : undefined;
    const [value] = isObject(data) ? Object.values(data) : [];
    if (!isObject(value)) throw unreadable();
    return value;
  }

  async #post({ query, variables, as, keepalive = false }: Request): Promise<unknown> {
    const { uri, mode, timeout, fetch = globalThis.fetch } = this.options;
    const credentials = this.options.credentials ?? (mode === "cookie" ? "include" : undefined);
    const headers: Record<string, string> = {
      accept: "application/graphql-response+json, application/json;q=0.9",
      "content-type": "application/json",
    };
    if (as) headers["authorization"] = bearer(as);
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), timeout);
    try {
      const response = await fetch(uri, {
        method: "POST",
        headers,
        body: JSON.stringify({ query, variables }),
        cache: "no-store",
        keepalive,
        signal: patience.signal,
        ...(credentials && { credentials }),
      });
      return parse(await response.text());
    } catch (cause) {
      if (cause instanceof AuthError) throw cause;
      throw new AuthError("No answer from the server", { code: "NETWORK_ERROR", cause });
    } finally {
      clearTimeout(timer);
    }
  }

  #grantIn(value: Record<string, unknown>): Grant {
    const payload = value["payload"];
    const sid = isObject(payload) ? payload["sid"] : undefined;
    if (!isObject(payload) || typeof sid !== "string") throw unreadable();
    const { usernameField } = this.options;
    // Django's spelling in the claims, GraphQL's in the arguments.
    const username =
      payload[usernameField] ?? payload[usernameField.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
    return { sid, username: typeof username === "string" ? username : "", tokens: this.#pairIn(value) };
  }

  #pairIn({ token, refreshToken }: Record<string, unknown>): TokenPair | null {
    if (this.options.mode === "cookie") return null;
    if (typeof token !== "string" || typeof refreshToken !== "string") throw unreadable();
    return { access: token, refresh: refreshToken };
  }
}

export function bearer({ access }: TokenPair): string {
  return `Bearer ${access}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause?: unknown) {
  return new AuthError("The server's answer is no GraphQL answer", { code: "BAD_RESPONSE", cause });
}
