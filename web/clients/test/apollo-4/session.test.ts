/** Apollo Client 4, set up as its pages "Authentication" and "Error handling" say. */

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { describeSession } from "../support/app";
import { createApp, refusalsIn } from "./app";
import { createAuthLink, createErrorLink } from "./links";

describeSession("Apollo Client 4", "user0", {
  open(browser, endpoint) {
    const httpLink = new HttpLink({ uri: endpoint, fetch: browser.fetch });
    const client = new ApolloClient({
      link: ApolloLink.from([createAuthLink(browser), createErrorLink(browser, endpoint), httpLink]),
      cache: new InMemoryCache(),
    });
    return createApp(client, browser);
  },
  refusalsIn,
});
