/** One GraphQL request over HTTP, and the answer or the reason there is none. */

export interface GraphQLRequest {
  query: string;
  variables?: unknown;
  operationName?: string | null | undefined;
}

export interface GraphQLProblem {
  message: string;
  path?: readonly (string | number)[];
  extensions?: { code?: string; reason?: string; retryAfter?: number; [key: string]: unknown };
}

export interface GraphQLAnswer<Data = unknown> {
  data?: Data | null;
  errors?: readonly GraphQLProblem[];
}

export type Send = <Data = unknown>(request: GraphQLRequest, headers?: Headers) => Promise<GraphQLAnswer<Data>>;

const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

/** Always resolves: a lost connection or a proxy's HTML page comes back as `errors` too. */
export function createSend(endpoint: string, fetch: typeof window.fetch): Send {
  return async (request, given = new Headers()) => {
    const headers = new Headers(given);
    headers.set("Content-Type", "application/json");
    if (!headers.has("Accept")) headers.set("Accept", ACCEPT);
    try {
      const response = await fetch(endpoint, {
        method: "POST",
        headers,
        body: JSON.stringify(request),
        credentials: "same-origin",
        cache: "no-store",
      });
      return await readAnswer(response);
    } catch (cause) {
      return { errors: [{ message: `No answer from the server (${(cause as Error).message})` }] };
    }
  };
}

async function readAnswer(response: Response) {
  const text = await response.text();
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === "object" && answer !== null) return answer;
  } catch {
    // Not ours to parse: the status says more than the body would.
  }
  const status = `${response.status} ${response.statusText}`.trim();
  return { errors: [{ message: `The server answered ${status} without a GraphQL result` }] };
}
