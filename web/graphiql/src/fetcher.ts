/** GraphiQL's way to the API: sends what is in the editors, presenting the session's access token. */

import type { Fetcher, FetcherParams } from "@graphiql/toolkit";
import type { Send } from "./api";
import { authorize } from "./authorization";
import { presentedToken } from "./session/session";
import type { SessionStore } from "./session/store";

export function createFetcher(send: Send, store: SessionStore): Fetcher {
  return async (request, options) => {
    const accessToken = isIntrospection(request) ? null : presentedToken(store.view().session);
    const { headers, isOutranked } = authorize(options?.headers ?? {}, accessToken);
    const answer = await send(request, headers);
    if (isOutranked) store.noteOutranked();
    else if (accessToken) store.noteAnswer(accessToken, answer);
    return answer;
  };
}

/** The schema is the same for everyone, and a refused token must not cost the user the docs. */
function isIntrospection({ query, operationName }: FetcherParams) {
  return operationName === "IntrospectionQuery" && query.includes("__schema");
}
