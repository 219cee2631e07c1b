/** Finding out who is signed in when the page opens. */

import type { Api, Grant } from "./api.js";
import type { Departure } from "./departure.js";
import { AuthError } from "./errors.js";
import type { Identity } from "./identity.js";
import type { Keeper } from "./keeper.js";

interface Parts {
  api: Api;
  identity: Identity;
  keeper: Keeper;
  departure: Departure;
}

/** Milliseconds between two attempts to find out. */
const RETRY = 5000;

/** `find` again and again until it is known; whoever asks meanwhile shares the attempt. */
export function createStart(identity: Identity, find: () => Promise<void>) {
  let finding: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  const now = () => {
    clearTimeout(timer);
    finding ??= find().finally(() => {
      finding = undefined;
      if (identity.state.status === "loading" && !isStopped) timer = setTimeout(now, RETRY);
    });
    return finding;
  };
  const stop = () => {
    isStopped = true;
    clearTimeout(timer);
  };
  return { now, stop };
}

/** Ask the server whose the cookies are, for no script can read them. Who cannot be known is left unknown. */
export async function identifyByCookies({ api, identity, keeper, departure }: Parts): Promise<void> {
  try {
    if (departure.isPending) return await depart({ api, keeper, departure });
    keeper.begin(await identify(api));
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    if (error.code === "UNAUTHENTICATED" || error.code === "REFRESH_REJECTED") keeper.begin(null, worthSaying(error));
    else identity.puzzle(error.reason);
  }
}

/** The user left in an earlier page, and the server was not told. */
async function depart({ api, keeper, departure }: Omit<Parts, "identity">) {
  keeper.begin(null);
  await api.signOut(null);
  departure.end();
}

async function identify(api: Api): Promise<Grant> {
  try {
    return await api.identify();
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    if (error.reason === "TOKEN_EXPIRED") return api.refresh(null);
    throw error;
  }
}

/** Why a session that was there is not taken up; nothing to say if there was none. */
function worthSaying({ reason }: AuthError) {
  return reason === "TOKEN_MISSING" ? undefined : reason;
}
