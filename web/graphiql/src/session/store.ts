/** Holds the session in memory, and only there: nothing here may reach storage, a cookie or a URL. */

import type { GraphQLAnswer, Send } from "../api";
import { bearer } from "../authorization";
import { localExpiry } from "./expiry";
import { LOG_OUT, REFRESH, SIGN_IN } from "./operations";
import type { Grant, LogOutData, RefreshData, SignInData } from "./operations";
import { problemIn, refusalIn } from "./problem";
import type { Problem } from "./problem";
import { end, noSession, open, rotate } from "./session";
import type { LiveSession, Session } from "./session";

export interface SessionView {
  session: Session;
  isBusy: boolean;
  problem: Problem | null;
  /** Why the last request that presented this session's access token was refused. */
  refusal: string | null;
  /** Whether the header editor's Authorization went out instead, last time. */
  isOutranked: boolean;
}

const NOTHING_YET: SessionView = {
  session: noSession,
  isBusy: false,
  problem: null,
  refusal: null,
  isOutranked: false,
};

export class SessionStore {
  #view = NOTHING_YET;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly send: Send,
    private readonly now: () => number = Date.now,
  ) {}

  readonly view = (): SessionView => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async signIn(username: string, password: string): Promise<void> {
    await this.#attempt(async () => {
      const sentAt = this.now();
      const answer = await this.send<SignInData>({ query: SIGN_IN, variables: { username, password } });
      const grant = answer.data?.tokenAuth;
      if (!grant) return { problem: problemIn(answer, "The server granted no tokens") };
      const session = open(grant.user?.username ?? username, grant, expiryOf(grant, sentAt));
      return { ...NOTHING_YET, session };
    });
  }

  async refresh(): Promise<void> {
    await this.#attemptLive(async (session) => {
      const sentAt = this.now();
      const variables = { refreshToken: session.refreshToken };
      const answer = await this.send<RefreshData>({ query: REFRESH, variables });
      const grant = answer.data?.refreshToken;
      if (grant) return { session: rotate(session, grant, expiryOf(grant, sentAt)), refusal: null };
      const problem = problemIn(answer, "The server granted no tokens");
      // REFRESH_REJECTED is final by contract; anything else may pass, so the session is kept.
      return problem.code === "REFRESH_REJECTED" ? { problem, session: end(session, "server") } : { problem };
    });
  }

  async logOut(): Promise<void> {
    await this.#attemptLive(async (session) => {
      const headers = new Headers({ Authorization: bearer(session.accessToken) });
      const answer = await this.send<LogOutData>({ query: LOG_OUT }, headers);
      if (answer.data?.logout?.ok) return { session: end(session, "logout"), refusal: null };
      return { problem: problemIn(answer, "The server did not confirm the logout") };
    });
  }

  /** Stop presenting the revoked token of an ended session. */
  forget(): void {
    this.#set(NOTHING_YET);
  }

  /** Tell the panel how the server took this session's access token. */
  noteAnswer(accessToken: string, answer: GraphQLAnswer): void {
    const { session } = this.#view;
    // An answer that took its time may be about a token the panel no longer holds.
    if (session.kind === "none" || session.accessToken !== accessToken) return;
    this.#set({ ...this.#view, refusal: refusalIn(answer), isOutranked: false });
  }

  noteOutranked(): void {
    this.#set({ ...this.#view, isOutranked: true });
  }

  async #attemptLive(verb: (session: LiveSession) => Promise<Partial<SessionView>>): Promise<void> {
    const { session } = this.#view;
    if (session.kind === "live") await this.#attempt(() => verb(session));
  }

  async #attempt(verb: () => Promise<Partial<SessionView>>): Promise<void> {
    if (this.#view.isBusy) return;
    this.#set({ ...this.#view, isBusy: true, problem: null });
    const change = await verb();
    this.#set({ ...this.#view, ...change, isBusy: false });
  }

  #set(view: SessionView): void {
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }
}

function expiryOf(grant: Grant, sentAt: number) {
  return localExpiry({ expiresAt: grant.expiresAt, issuedAt: grant.payload?.iat }, sentAt);
}
