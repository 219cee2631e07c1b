/** Which Authorization header a request carries. */

export interface Authorized {
  headers: Headers;
  /** The header editor named an Authorization of its own, were it empty. */
  isOutranked: boolean;
}

/** What the user typed outranks the session's access token, so that any request can be tried. */
export function authorize(typed: Record<string, unknown>, accessToken: string | null): Authorized {
  const headers = new Headers();
  for (const [name, value] of Object.entries(typed)) headers.set(name, String(value ?? ""));
  const isOutranked = headers.has("Authorization");
  if (!isOutranked && accessToken) headers.set("Authorization", bearer(accessToken));
  return { headers, isOutranked: isOutranked && accessToken !== null };
}

export function bearer(accessToken: string): string {
  return `Bearer ${accessToken}`;
}
