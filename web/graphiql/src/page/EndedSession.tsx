/** A session that has ended: its token may have minutes to live, and opens nothing. */

import type { EndedSession } from "../session/session";
import { Countdown } from "./Countdown";
import { useRemaining } from "./useRemaining";

interface EndedStatusProps {
  session: EndedSession;
  isRefused: boolean;
}

export function EndedStatus({ session: { by, expiresAt }, isRefused }: EndedStatusProps) {
  const remaining = useRemaining(expiresAt);
  return (
    <>
      <strong>{by === "logout" ? "Logged out." : "The server ended this session."}</strong>{" "}
      {isRefused
        ? "The old token is still being sent, and it is refused"
        : "The old token is still being sent so that you can see it refused"}
      {remaining > 0 && (
        <>
          , <Countdown remaining={remaining} /> before it expires
        </>
      )}
      .
    </>
  );
}
