/** An application on Apollo Client 3: what it asks, and what it reads of a refusal. */

import { type ApolloClient, ApolloError, gql } from "apollo-client-3/core";
import { type App, keepTokens, refusals } from "../support/app";
import type { Browser } from "../support/browser";
import { LOG_OUT, ME, type MeData, SESSIONS, type SessionsData, SIGN_IN, type SignInData } from "../support/operations";

export const createApp = (client: ApolloClient<unknown>, browser: Browser, signIn = SIGN_IN): App => ({
  async signIn(username, password) {
    const variables = { username, password };
    const { data } = await client.mutate<SignInData>({ mutation: gql(signIn), variables });
    keepTokens(browser, data!.tokenAuth!);
  },
  async whoAmI() {
    const { data } = await client.query<MeData>({ query: gql(ME), fetchPolicy: "network-only" });
    return data.me?.username;
  },
  async countSessions() {
    const { data } = await client.query<SessionsData>({ query: gql(SESSIONS), fetchPolicy: "network-only" });
    return data.sessions?.length;
  },
  async logOut() {
    await client.mutate({ mutation: gql(LOG_OUT) });
    browser.localStorage.clear();
    await client.clearStore();
  },
});

export const refusalsIn = (error: unknown) => (error instanceof ApolloError ? refusals(error.graphQLErrors) : []);
