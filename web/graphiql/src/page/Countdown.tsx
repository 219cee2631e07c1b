/** Time left, ticking. */

import { countdown } from "../session/expiry";

export function Countdown({ remaining }: { remaining: number }) {
  return (
    // A screen reader would otherwise announce every second.
    <strong className="session-countdown" data-testid="session-countdown" role="timer" aria-live="off">
      {countdown(remaining)}
    </strong>
  );
}
