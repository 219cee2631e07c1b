/** What a person would call the device behind a User-Agent header. */

const BROWSERS = [
  // Each of them also claims to be the ones below it.
  ["Edg", "Edge"],
  ["OPR", "Opera"],
  ["Firefox", "Firefox"],
  ["Chrom", "Chrome"],
  ["Safari", "Safari"],
] as const;

const SYSTEMS = [
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Windows", "Windows"],
  ["Mac OS", "macOS"],
  ["CrOS", "ChromeOS"],
  ["Linux", "Linux"],
] as const;

const LONGEST = 40;

export function deviceName(userAgent: string | null): string {
  if (!userAgent) return "Unknown device";
  const browser = named(BROWSERS, userAgent);
  const system = named(SYSTEMS, userAgent);
  if (browser && system) return `${browser} on ${system}`;
  return userAgent.length > LONGEST ? `${userAgent.slice(0, LONGEST)} …` : userAgent;
}

function named(known: readonly (readonly [string, string])[], userAgent: string) {
  return known.find(([mark]) => userAgent.includes(mark))?.[1];
}
