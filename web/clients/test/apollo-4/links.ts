/** The links that Apollo Client 4's pages "Authentication" and "Error handling" (retrying operations) show. */

import { CombinedGraphQLErrors } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { ErrorLink } from "@apollo/client/link/error";
import { from, mergeMap, throwError } from "rxjs";
import type { Browser } from "../support/browser";
import { getNewToken } from "../support/plain";

export const createAuthLink = ({ localStorage }: Browser) =>
  new SetContextLink(({ headers }) => {
    const token = localStorage.getItem("token");
    return { headers: { ...headers, authorization: token ? `Bearer ${token}` : "" } };
  });

export const createErrorLink = (browser: Browser, endpoint: string) =>
  new ErrorLink(({ error, operation, forward }) => {
    if (!CombinedGraphQLErrors.is(error)) return;
    for (const { extensions } of error.errors) {
      switch (extensions?.["code"]) {
        case "UNAUTHENTICATED":
          return from(getNewToken(browser, endpoint)).pipe(
            mergeMap((token) => {
              if (!token) return throwError(() => error);
              const { headers } = operation.getContext();
              operation.setContext({ headers: { ...headers, authorization: `Bearer ${token}` } });
              return forward(operation);
            }),
          );
      }
    }
    return;
  });
