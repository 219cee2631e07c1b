/** An application on urql: what it asks, and what it reads of a refusal. */

import { type Client, CombinedError, type OperationResult } from "@urql/core";
import { type App, keepTokens, refusals } from "../support/app";
import type { Browser } from "../support/browser";
import { LOG_OUT, ME, type MeData, SESSIONS, type SessionsData, SIGN_IN, type SignInData } from "../support/operations";

/** Whoever signs in or out begins with a new client (page "Authentication", "Cache Invalidation on Logout"). */
export function createApp(createClient: () => Client, browser: Browser, signIn = SIGN_IN): App {
  let client = createClient();
  return {
    async signIn(username, password) {
      const { tokenAuth } = answered(await client.mutation<SignInData>(signIn, { username, password }));
      keepTokens(browser, tokenAuth!);
      client = createClient();
    },
    async whoAmI() {
      const { me } = answered(await client.query<MeData>(ME, {}, { requestPolicy: "network-only" }));
      return me?.username;
    },
    async countSessions() {
      const { sessions } = answered(await client.query<SessionsData>(SESSIONS, {}, { requestPolicy: "network-only" }));
      return sessions?.length;
    },
    async logOut() {
      answered(await client.mutation(LOG_OUT, {}));
      browser.localStorage.clear();
      client = createClient();
    },
  };
}

/** Return the data; a component would show the error. */
export function answered<Data>({ data, error }: OperationResult<Data>): Data {
  if (error) throw error;
  return data!;
}

export const refusalsIn = (error: unknown) => (error instanceof CombinedError ? refusals(error.graphQLErrors) : []);
