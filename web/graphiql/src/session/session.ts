/** What the page knows about its session, and how each event changes that. Pure; no I/O. */

export interface LiveSession {
  kind: "live";
  username: string;
  accessToken: string;
  refreshToken: string;
  /** When the access token expires, in milliseconds of this browser's clock. */
  expiresAt: number;
}

/** The session has ended, yet its revoked access token is kept so that its refusal can be seen. */
export interface EndedSession {
  kind: "ended";
  accessToken: string;
  expiresAt: number;
  by: "logout" | "server";
}

export interface NoSession {
  kind: "none";
}

export type Session = NoSession | LiveSession | EndedSession;

export interface TokenPair {
  token: string;
  refreshToken: string;
}

export const noSession: NoSession = { kind: "none" };

export function open(username: string, pair: TokenPair, expiresAt: number): LiveSession {
  return { kind: "live", username, accessToken: pair.token, refreshToken: pair.refreshToken, expiresAt };
}

export function rotate(session: LiveSession, pair: TokenPair, expiresAt: number): LiveSession {
  return open(session.username, pair, expiresAt);
}

export function end(session: LiveSession, by: EndedSession["by"]): EndedSession {
  const { accessToken, expiresAt } = session;
  return { kind: "ended", accessToken, expiresAt, by };
}

/** The access token to present: an ended session's too, or there would be no refusal to see. */
export function presentedToken(session: Session): string | null {
  return session.kind === "none" ? null : session.accessToken;
}
