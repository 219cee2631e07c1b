/** Apollo Client 3's page "Persisted Queries Link": automatic persisted queries. */

import { ApolloClient, createHttpLink, from, gql, InMemoryCache } from "apollo-client-3/core";
import { createPersistedQueryLink } from "apollo-client-3/link/persisted-queries";
import { describePersisted, type PersistedSetUp, sha256 } from "../support/persisted";
import { refusalsIn } from "./app";
import { createAuthLink } from "./links";

const setUp = (options: { useGETForHashedQueries?: boolean }): Pick<PersistedSetUp, "open" | "refusalsIn"> => ({
  open(browser, endpoint) {
    const persistedLink = createPersistedQueryLink({ sha256, ...options });
    const httpLink = createHttpLink({ uri: endpoint, fetch: browser.fetch });
    const link = from([createAuthLink(browser), persistedLink, httpLink]);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    return async (query) => (await client.query({ query: gql(query), fetchPolicy: "network-only" })).data;
  },
  refusalsIn,
});

describePersisted("by POST", "user7", { ...setUp({}), sends: { hash: "POST", text: "POST" } });
describePersisted("by GET", "user7", {
  ...setUp({ useGETForHashedQueries: true }),
  sends: { hash: "GET", text: "POST" },
});
