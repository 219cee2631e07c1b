/** Milliseconds until a moment of this browser's clock, kept current; negative once it has passed. */

import { useEffect, useState } from "react";

export function useRemaining(moment: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    // Twice a second, so that no second is skipped on screen.
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return moment - now;
}
