/** graphql-request, set up as its examples of headers, middleware and error handling say. */

import { GraphQLClient } from "graphql-request";
import { describeSession } from "../support/app";
import { getNewToken } from "../support/plain";
import { createApp, refusalsIn } from "./app";

describeSession("graphql-request", "user3", {
  open(browser, endpoint) {
    const client = new GraphQLClient(endpoint, {
      fetch: browser.fetch,
      requestMiddleware(request) {
        const headers = new Headers(request.headers);
        const token = browser.localStorage.getItem("token");
        if (token) headers.set("authorization", `Bearer ${token}`);
        return { ...request, headers };
      },
    });
    return createApp(client, browser, async () => (await getNewToken(browser, endpoint)) !== null);
  },
  refusalsIn,
});
