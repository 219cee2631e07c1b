/** urql, set up as the read-me of `@urql/exchange-auth` and its page "Authentication" say. */

import { cacheExchange, createClient, fetchExchange } from "@urql/core";
import { authExchange } from "@urql/exchange-auth";
import { describeSession, keepTokens } from "../support/app";
import { REFRESH, type RefreshData } from "../support/operations";
import { createApp, refusalsIn } from "./app";

describeSession("urql", "user2", {
  open(browser, endpoint) {
    const { localStorage } = browser;
    const createOurs = () =>
      createClient({
        url: endpoint,
        fetch: browser.fetch,
        exchanges: [
          cacheExchange,
          authExchange(async (utils) => {
            let token = localStorage.getItem("token");
            let refreshToken = localStorage.getItem("refreshToken");
            return {
              addAuthToOperation(operation) {
                return token ? utils.appendHeaders(operation, { Authorization: `Bearer ${token}` }) : operation;
              },
              willAuthError: () => !token,
              didAuthError: (error) =>
                error.graphQLErrors.some(({ extensions }) => extensions["code"] === "UNAUTHENTICATED"),
              async refreshAuth() {
                const { data } = await utils.mutate<RefreshData>(REFRESH, { refreshToken });
                if (data?.refreshToken) {
                  ({ token, refreshToken } = data.refreshToken);
                  keepTokens(browser, data.refreshToken);
                } else {
                  localStorage.clear();
                }
              },
            };
          }),
          fetchExchange,
        ],
      });
    return createApp(createOurs, browser);
  },
  refusalsIn,
});
