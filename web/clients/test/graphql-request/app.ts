/** An application on graphql-request: what it asks, and what it reads of a refusal. */

import { ClientError, type GraphQLClient } from "graphql-request";
import { type App, keepTokens, refusals } from "../support/app";
import type { Browser } from "../support/browser";
import { LOG_OUT, ME, type MeData, SESSIONS, type SessionsData, SIGN_IN, type SignInData } from "../support/operations";

/** `refresh` answers whether there is a new token. The client has no place for a retry; an application writes it once. */
export function createApp(
  client: GraphQLClient,
  browser: Browser,
  refresh: () => Promise<boolean>,
  signIn = SIGN_IN,
): App {
  async function ask<Data>(query: string): Promise<Data> {
    try {
      return await client.request<Data>(query);
    } catch (error) {
      const isRefused = refusalsIn(error).some(({ code }) => code === "UNAUTHENTICATED");
      if (isRefused && (await refresh())) return client.request<Data>(query);
      throw error;
    }
  }

  return {
    async signIn(username, password) {
      const { tokenAuth } = await client.request<SignInData>(signIn, { username, password });
      keepTokens(browser, tokenAuth!);
    },
    whoAmI: async () => (await ask<MeData>(ME)).me?.username,
    countSessions: async () => (await ask<SessionsData>(SESSIONS)).sessions?.length,
    async logOut() {
      await client.request(LOG_OUT);
      browser.localStorage.clear();
    },
  };
}

export const refusalsIn = (error: unknown) =>
  error instanceof ClientError ? refusals(error.response.errors ?? []) : [];
