/** What to tell a person about a refused request. */

import type { GraphQLAnswer, GraphQLProblem } from "../api";

export interface Problem {
  message: string;
  code?: string;
  reason?: string;
  retryAfter?: number;
}

/** The first error of an answer; `fallback` when it has none and yet lacks what was asked. */
export function problemIn(answer: GraphQLAnswer, fallback: string): Problem {
  const error = answer.errors?.[0];
  if (!error) return { message: fallback };
  const { code, reason, retryAfter } = error.extensions ?? {};
  return {
    message: error.message,
    ...(code && { code }),
    ...(reason && reason !== code && { reason }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/** Why the presented access token was refused, or null if no field refused it. */
export function refusalIn(answer: GraphQLAnswer): string | null {
  const refused = answer.errors?.find(refusesPresentedToken);
  return refused?.extensions?.reason ?? null;
}

function refusesPresentedToken(error: GraphQLProblem) {
  // verifyToken judges the token in its argument, which need not be the one presented.
  return error.extensions?.code === "UNAUTHENTICATED" && error.path?.[0] !== "verifyToken";
}
