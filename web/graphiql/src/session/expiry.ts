/** When an access token expires by this browser's clock, and how to say so. */

export interface ServerTimes {
  /** ISO 8601, by the server's clock. */
  expiresAt: string;
  /** The `iat` claim: epoch seconds, by the server's clock. */
  issuedAt: number | undefined;
}

/**
 * Milliseconds of this browser's clock at which the token expires.
 *
 * The token's life (`exp - iat`) is the same on both clocks, so it is counted from the moment the
 * request left: a browser whose clock is an hour wrong still counts down correctly.
 */
export function localExpiry({ expiresAt, issuedAt }: ServerTimes, sentAt: number): number {
  const serverExpiry = Date.parse(expiresAt);
  const life = issuedAt === undefined ? NaN : serverExpiry - issuedAt * 1000;
  return life > 0 ? sentAt + life : serverExpiry;
}

/** `4:59`, `1:02:03` or `6 d 23:59:59`; never negative. */
export function countdown(milliseconds: number): string {
  const total = Math.max(0, Math.ceil(milliseconds / 1000));
  const days = Math.floor(total / 86400);
  const hours = Math.floor((total % 86400) / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = twoDigits(total % 60);
  const clock = hours || days ? `${hours}:${twoDigits(minutes)}:${seconds}` : `${minutes}:${seconds}`;
  return days ? `${days} d ${clock}` : clock;
}

function twoDigits(value: number) {
  return String(value).padStart(2, "0");
}
