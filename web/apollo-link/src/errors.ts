/** What can go wrong, in one class, and how to read a refusal out of an answer. */

export interface Problem {
  code: string;
  /** The finer reason, where there is one; the code otherwise. */
  reason?: string | undefined;
  /** Seconds to wait, with `TOO_MANY_REQUESTS`. */
  retryAfter?: number | undefined;
  cause?: unknown;
}

/**
 * A request for a session that failed, or an operation that lost its session.
 *
 * `code` and `reason` are the server's own where it answered. Three codes are ours:
 * `NETWORK_ERROR` (no answer came), `BAD_RESPONSE` (one came that we cannot read) and
 * `SESSION_CHANGED` (who began the operation is no longer who is signed in).
 */
export class AuthError extends Error {
  override readonly name = "AuthError";
  readonly code: string;
  readonly reason: string;
  readonly retryAfter: number | undefined;

  constructor(message: string, { code, reason, retryAfter, cause }: Problem) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.reason = reason ?? code;
    this.retryAfter = retryAfter;
  }
}

/** Why this tab's session is over or another's: not an error of the server's. */
export function sessionChanged(why: "signedIn" | "signedOut" | "elsewhere"): AuthError {
  return new AuthError("The session changed while the operation was under way", {
    code: "SESSION_CHANGED",
    reason: why,
  });
}

interface WireError {
  message?: unknown;
  path?: readonly unknown[] | undefined;
  extensions?: { code?: unknown; reason?: unknown; retryAfter?: unknown } | undefined;
}

/** The error as the server wrote it. */
export function errorFrom({ message, extensions = {} }: WireError): AuthError {
  const { code, reason, retryAfter } = extensions;
  return new AuthError(typeof message === "string" ? message : "The server refused", {
    code: typeof code === "string" ? code : "BAD_RESPONSE",
    reason: typeof reason === "string" ? reason : undefined,
    retryAfter: typeof retryAfter === "number" ? retryAfter : undefined,
  });
}

/** The `errors` of a GraphQL answer, whatever was in the answer. */
export function errorsIn(answer: unknown): readonly WireError[] {
  const errors = isObject(answer) ? answer["errors"] : undefined;
  return Array.isArray(errors) ? errors.filter(isObject) : [];
}

/** Why the access token we presented was refused, or null if no field refused it. */
export function refusalIn(answer: unknown): AuthError | null {
  const refused = errorsIn(answer).find(isRefusal);
  return refused ? errorFrom(refused) : null;
}

export function isRefusal(error: WireError): boolean {
  // verifyToken judges the token in its argument, which need not be the one presented.
  return error.extensions?.code === "UNAUTHENTICATED" && error.path?.[0] !== "verifyToken";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
