/** The Apollo Client, and in front of its HTTP link the one that signs in, refreshes and logs out. */

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { createAuth } from "django-graphql-revocation-apollo";
import type { Config } from "./config";

export type Auth = ReturnType<typeof createAuth>;

export interface Api {
  auth: Auth;
  client: ApolloClient;
}

export function connect({ uri, mode }: Config): Api {
  // In header mode tokens are kept in memory, the package's own choice: nothing to steal from storage.
  const auth = createAuth({ uri, mode, name: "auth" });
  const http = new HttpLink({ uri, credentials: mode === "cookie" ? "include" : "omit" });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([auth.link, http]),
    // Apollo's browser extension shows what the cache holds: after logging out, nothing.
    devtools: { enabled: true },
  });
  auth.attach(client);
  return { auth, client };
}
