/** What to do when the server refuses the token of a request: refresh, once for all, or sign out. */

import type { Api } from "./api.js";
import { AuthError, sessionChanged } from "./errors.js";
import type { Identity } from "./identity.js";
import type { Keeper } from "./keeper.js";
import type { Exclusive } from "./lock.js";
import { continues } from "./session.js";
import type { Session } from "./session.js";

export class Recovery {
  #flight: { of: Session; landing: Promise<void> } | null = null;

  constructor(
    private readonly identity: Identity,
    private readonly keeper: Keeper,
    private readonly api: Api,
    private readonly exclusively: Exclusive,
  ) {}

  /**
   * Deal with the refusal of a request that was sent as `sent`.
   *
   * Resolves if it may be sent again, as whatever session is current then. Raises `AuthError` if
   * not: because the session is over, or because nobody can know at present.
   */
  async after(refusal: AuthError, sent: Session): Promise<void> {
    // In turn: a password that is being changed ends the token before its successor is here.
    const concede = () => this.exclusively((hasWaited) => this.#concede(refusal, sent, hasWaited));
    await (isCuredByRefresh(refusal, sent) ? this.refresh(sent) : concede());
    if (!continues(this.identity.session, sent)) throw sessionChanged("elsewhere");
  }

  /** Send a request of our own as the current user, and once more if that helps. */
  async attempt<Result>(request: (session: Session) => Promise<Result>): Promise<Result> {
    const { session } = this.identity;
    if (!session) throw new AuthError("Nobody is signed in", { code: "UNAUTHENTICATED", reason: "TOKEN_MISSING" });
    try {
      return await request(session);
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== "UNAUTHENTICATED") throw error;
      await this.after(error, session);
      return request(this.identity.session ?? session);
    }
  }

  /** Everybody who asks while a refresh of the same session is under way shares it, and its failure. */
  refresh(session: Session): Promise<void> {
    if (this.#flight?.of === session) return this.#flight.landing;
    const landing = this.exclusively((hasWaited) => this.#refresh(session, hasWaited)).finally(() => {
      if (this.#flight?.landing === landing) this.#flight = null;
    });
    this.#flight = { of: session, landing };
    return landing;
  }

  async #refresh(session: Session, hasWaited: boolean) {
    await this.keeper.catchUp(session, { hasWaited });
    if (this.identity.session !== session) return;
    try {
      const grant = await this.api.refresh(session.tokens);
      // Cookies can have become another user's by a route we do not see.
      if (grant.sid === session.sid) this.keeper.renew(session, grant.tokens);
      else if (this.identity.session === session) void this.keeper.open(grant);
    } catch (error) {
      if (error instanceof AuthError && error.code === "REFRESH_REJECTED") await this.#concede(error, session);
      else throw error;
    }
  }

  /** The session is over, unless another tab has stored a newer one meanwhile. */
  async #concede(refusal: AuthError, session: Session, hasWaited = false) {
    await this.keeper.catchUp(session, { hasWaited });
    if (this.identity.session !== session) return;
    // Not awaited: the lock must not wait for the application's callbacks.
    void this.keeper.end(session, refusal);
    throw refusal;
  }
}

/** In cookie mode an access cookie that has gone is an expired token. */
export function isCuredByRefresh({ reason }: AuthError, { tokens }: Session): boolean {
  return reason === "TOKEN_EXPIRED" || (reason === "TOKEN_MISSING" && tokens === null);
}
