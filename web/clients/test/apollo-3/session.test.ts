/** Apollo Client 3, set up as its pages "Authentication" and "Error handling" say. */

import { ApolloClient, createHttpLink, from, InMemoryCache } from "apollo-client-3/core";
import { describeSession } from "../support/app";
import { createApp, refusalsIn } from "./app";
import { createAuthLink, createErrorLink } from "./links";

describeSession("Apollo Client 3", "user1", {
  open(browser, endpoint) {
    const httpLink = createHttpLink({ uri: endpoint, fetch: browser.fetch });
    const client = new ApolloClient({
      link: from([createAuthLink(browser), createErrorLink(browser, endpoint), httpLink]),
      cache: new InMemoryCache(),
    });
    return createApp(client, browser);
  },
  refusalsIn,
});
