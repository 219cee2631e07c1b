/** The links that Apollo Client 3's pages "Authentication" and "Error handling" (retrying operations) show. */

import { ApolloError, fromPromise } from "apollo-client-3/core";
import { setContext } from "apollo-client-3/link/context";
import { onError } from "apollo-client-3/link/error";
import type { Browser } from "../support/browser";
import { getNewToken } from "../support/plain";

export const createAuthLink = ({ localStorage }: Browser) =>
  setContext((_, { headers }) => {
    const token = localStorage.getItem("token");
    return { headers: { ...headers, authorization: token ? `Bearer ${token}` : "" } };
  });

export const createErrorLink = (browser: Browser, endpoint: string) =>
  onError(({ graphQLErrors, operation, forward }) => {
    for (const { extensions } of graphQLErrors ?? []) {
      switch (extensions?.["code"]) {
        case "UNAUTHENTICATED":
          return fromPromise(getNewToken(browser, endpoint)).flatMap((token) => {
            if (!token) throw new ApolloError({ graphQLErrors: graphQLErrors! });
            const { headers } = operation.getContext();
            operation.setContext({ headers: { ...headers, authorization: `Bearer ${token}` } });
            return forward(operation);
          });
      }
    }
    return;
  });
