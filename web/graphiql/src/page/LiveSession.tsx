/** A session that is signed in: who, until when, and what can be done with it. */

import type { LiveSession } from "../session/session";
import type { SessionStore } from "../session/store";
import { Countdown } from "./Countdown";
import { useRemaining } from "./useRemaining";

interface LiveProps {
  session: LiveSession;
}

export function LiveStatus({ session: { username, expiresAt } }: LiveProps) {
  const remaining = useRemaining(expiresAt);
  const clock = new Date(expiresAt).toLocaleTimeString();
  return (
    <>
      Signed in as <strong data-testid="session-username">{username}</strong>.{" "}
      {remaining > 0 ? (
        <>
          The access token expires in <Countdown remaining={remaining} />, at {clock}.
        </>
      ) : (
        <span className="session-expired">The access token expired at {clock}.</span>
      )}
    </>
  );
}

interface LiveActionsProps extends LiveProps {
  isBusy: boolean;
  store: SessionStore;
}

export function LiveActions({ session, isBusy, store }: LiveActionsProps) {
  const copy = () => void navigator.clipboard?.writeText(session.accessToken);
  return (
    <>
      <button type="button" className="graphiql-button" onClick={copy}>
        Copy access token
      </button>
      <button type="button" className="graphiql-button" disabled={isBusy} onClick={() => void store.refresh()}>
        Refresh
      </button>
      <button
        type="button"
        className="graphiql-button session-primary"
        disabled={isBusy}
        onClick={() => void store.logOut()}
      >
        Log out
      </button>
    </>
  );
}
