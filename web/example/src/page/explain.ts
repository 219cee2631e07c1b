/** Refusals and sign-outs, each in a sentence for whoever reads the page. */

import { CombinedGraphQLErrors } from "@apollo/client";
import { AuthError } from "django-graphql-revocation-apollo";

/** Why one has to sign in, by the reason in the state of `auth`; nothing where none is needed. */
const FAREWELLS: Record<string, string> = {
  signedOut: "You are logged out.",
  elsewhere: "You logged out in another tab.",
  TOKEN_REVOKED: "Your session was ended on another device.",
  SESSION_ENDED: "Your session was ended on another device.",
  REFRESH_EXPIRED: "You were away for so long that your session has expired.",
  REFRESH_REUSED: "Your session was ended, because somebody else used a copy of it.",
  USER_INACTIVE: "This account has been closed.",
};

const UNREACHABLE = "The API does not answer. Is it running, and does it allow this page’s origin?";

export function farewell(reason: string | undefined): string {
  if (reason === undefined) return "";
  return FAREWELLS[reason] ?? `Please sign in again (${reason}).`;
}

/** What the server says itself is meant to be read; the rest needs words of ours. */
export function explain(error: unknown): string {
  if (error instanceof AuthError) return sentence(error.message, error.code, error.retryAfter);
  if (CombinedGraphQLErrors.is(error)) {
    const [first] = error.errors;
    const { code, retryAfter } = first?.extensions ?? {};
    return sentence(first?.message ?? error.message, code, retryAfter);
  }
  return UNREACHABLE;
}

function sentence(message: string, code: unknown, retryAfter: unknown): string {
  if (code === "TOO_MANY_REQUESTS") return `Too many attempts. Try again in ${duration(Number(retryAfter))}.`;
  if (code === "NETWORK_ERROR") return UNREACHABLE;
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

function duration(seconds: number): string {
  if (!(seconds > 0)) return "a moment";
  if (seconds < 120) return `${Math.ceil(seconds)} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
