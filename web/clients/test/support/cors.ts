/** Whether a page may send a request and read the answer, as browsers decide it (Fetch, "CORS protocol"). */

const SAFELISTED_HEADERS = new Set(["accept", "accept-language", "content-language"]);
const SAFELISTED_TYPES = /^(text\/plain|multipart\/form-data|application\/x-www-form-urlencoded)\b/;

export async function isAllowed(page: string, request: Request, answer: Response): Promise<boolean> {
  const asked = unsafeHeaders(request);
  if (asked.length && !allowsHeaders(await preflight(page, request, asked), asked)) return false;
  return allowsReading(page, request, answer);
}

/** Return the names of the headers that a browser asks about first. */
function unsafeHeaders({ headers }: Request): string[] {
  return [...headers]
    .filter(([name, value]) =>
      name === "content-type" ? !SAFELISTED_TYPES.test(value) : !SAFELISTED_HEADERS.has(name),
    )
    .map(([name]) => name);
}

const preflight = (origin: string, { url, method }: Request, asked: string[]) =>
  fetch(url, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": asked.join(","),
    },
  });

function allowsHeaders({ ok, headers }: Response, asked: string[]): boolean {
  const allowed = new Set(headers.get("access-control-allow-headers")?.split(/, */));
  return ok && asked.every((name) => allowed.has(name));
}

function allowsReading(page: string, { credentials }: Request, { headers }: Response): boolean {
  const isForPage = headers.get("access-control-allow-origin") === page;
  return isForPage && (credentials !== "include" || headers.get("access-control-allow-credentials") === "true");
}
