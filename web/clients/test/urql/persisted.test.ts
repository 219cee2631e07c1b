/** urql's page "Persistence & Uploads", and the read-me of `@urql/exchange-persisted`. */

import { cacheExchange, createClient, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { describePersisted, type PersistedSetUp } from "../support/persisted";
import { answered, refusalsIn } from "./app";

type Options = NonNullable<Parameters<typeof persistedExchange>[0]>;

const setUp = (options: Options): Pick<PersistedSetUp, "open" | "refusalsIn"> => ({
  open(browser, endpoint) {
    const client = createClient({
      url: endpoint,
      fetch: browser.fetch,
      fetchOptions: () => {
        const token = browser.localStorage.getItem("token");
        return { headers: { authorization: token ? `Bearer ${token}` : "" } };
      },
      exchanges: [cacheExchange, persistedExchange(options), fetchExchange],
    });
    return async (query) => answered(await client.query(query, {}, { requestPolicy: "network-only" }));
  },
  refusalsIn,
});

describePersisted("as it is, by GET", "user8", { ...setUp({}), sends: { hash: "GET", text: "GET" } });
describePersisted("told to use GET", "user8", {
  ...setUp({ preferGetForPersistedQueries: true }),
  sends: { hash: "GET", text: "GET" },
});
describePersisted("told to use POST", "user8", {
  ...setUp({ preferGetForPersistedQueries: false }),
  sends: { hash: "POST", text: "POST" },
});
