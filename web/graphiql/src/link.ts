/** A link that opens the page with a query in it. Headers and secrets are never part of one. */

import { redact } from "./storage";

export interface LinkedOperation {
  query?: string;
  variables?: string;
}

/** Read from the fragment, as we write it, or from the search, as other GraphiQL pages do. */
export function readLink({ hash, search }: Pick<Location, "hash" | "search">): LinkedOperation {
  const fragment = new URLSearchParams(hash.slice(1));
  const parameters = fragment.has("query") ? fragment : new URLSearchParams(search);
  const query = parameters.get("query");
  const variables = parameters.get("variables");
  return { ...(query && { query }), ...(variables && { variables }) };
}

/** The fragment stays in the browser: a shared query reaches no access log. */
export function writeLink(page: string, { query, variables }: LinkedOperation): string {
  const url = new URL(page);
  const fragment = new URLSearchParams();
  if (query) fragment.set("query", redact(query));
  if (variables) fragment.set("variables", redact(variables));
  url.search = "";
  url.hash = fragment.toString();
  return url.href;
}
