/** Access tokens as they will be once their time is over: tests need not wait for it. */

import { createHmac } from "node:crypto";

/** The servers lent to these tests sign with it. */
export const SECRET = "a-secret-for-these-tests-alone-and-longer-than-32-bytes";

/** Return the same token, of the same session, with its lifetime in the past. */
export function expired(token: string): string {
  const [header, claims] = token.split(".", 2) as [string, string];
  const { iat, exp, ...others } = JSON.parse(Buffer.from(claims, "base64url").toString());
  const past = JSON.stringify({ ...others, iat: iat - DAY, exp: exp - DAY });
  const signed = `${header}.${Buffer.from(past).toString("base64url")}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

const DAY = 86_400;
