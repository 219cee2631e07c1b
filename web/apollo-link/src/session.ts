/** What one sign-in left behind, and which of two sessions is the newer. */

export interface TokenPair {
  access: string;
  refresh: string;
}

/** Immutable: a refresh makes a new one, so that "is it still the current one" is `===`. */
export interface Session {
  /** The server's id of the sign-in. A refresh keeps it; a changed password gives it another. */
  readonly sid: string;
  /** The id it had before the password was changed. */
  readonly replaces?: string;
  readonly username: string;
  /** Null in cookie mode, where no script sees them. */
  readonly tokens: TokenPair | null;
  /** When the user signed in or changed the password, by the clock that all tabs share. */
  readonly since: number;
  /** Grows with every refresh, and is greater than any tab has seen before. */
  readonly version: number;
}

/**
 * Whether `one` came after `other`.
 *
 * Between two sign-ins the later one counts, however lately the earlier one was refreshed. Ties are
 * broken by id, so that all tabs settle on the same session.
 */
export function isNewer(one: Session, other: Session): boolean {
  if (one.sid === other.sid) return one.version > other.version;
  return one.since !== other.since ? one.since > other.since : one.sid > other.sid;
}

/** Whether `later` is what `earlier` has become: the same sign-in of the same user. */
export function continues(later: Session | null, earlier: Session): boolean {
  return later !== null && (later.sid === earlier.sid || later.replaces === earlier.sid);
}

/** `value` if it is a session: what comes from storage or another tab may be anything. */
export function asSession(value: unknown): Session | null {
  const { sid, replaces, username, tokens, since, version } = (value ?? {}) as Partial<Session>;
  const isWhole =
    typeof sid === "string" &&
    typeof username === "string" &&
    typeof since === "number" &&
    typeof version === "number" &&
    (tokens === null || (typeof tokens?.access === "string" && typeof tokens.refresh === "string"));
  if (!isWhole) return null;
  return { sid, username, tokens, since, version, ...(typeof replaces === "string" && { replaces }) };
}
