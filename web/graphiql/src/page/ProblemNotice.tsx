/** Why the request of one of the session's buttons failed. */

import type { Problem } from "../session/problem";

export function ProblemNotice({ problem: { message, code, reason, retryAfter } }: { problem: Problem }) {
  return (
    <p role="alert" className="session-problem">
      <span>{message}</span>
      {code && <code>{code}</code>}
      {reason && <code>{reason}</code>}
      {retryAfter !== undefined && <span>Try again in {retryAfter} s.</span>}
    </p>
  );
}
