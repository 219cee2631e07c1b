/**
 * The session, in sight above the editors: sign in, refresh, log out, and see a revoked token refused.
 *
 * Names that end-to-end tests may rely on:
 *   region "Session"
 *   form "Sign in": textbox "Username", "Password", button "Sign in"
 *   buttons "Refresh", "Log out", "Copy access token", "Forget token"
 *   status (role): what the session is; alert (role): why a button's request failed
 *   test ids: session-username, session-countdown, session-refusal, session-outranked
 */

import { useSyncExternalStore } from "react";
import type { Session } from "../session/session";
import type { SessionStore, SessionView } from "../session/store";
import { EndedStatus } from "./EndedSession";
import { LiveActions, LiveStatus } from "./LiveSession";
import { ProblemNotice } from "./ProblemNotice";
import { SignInForm } from "./SignInForm";
import "./session-bar.css";

interface BarProps {
  store: SessionStore;
}

export function SessionBar({ store }: BarProps) {
  const view = useSyncExternalStore(store.subscribe, store.view);
  const { session, problem } = view;
  return (
    // GraphiQL defines its colours on this class, light and dark.
    <section className="graphiql-container session-bar" aria-label="Session" data-session={session.kind}>
      <div className="session-row">
        <span className="session-dot" aria-hidden="true" />
        <p role="status" className="session-status">
          <Status session={session} refusal={view.refusal} />
        </p>
        <Refusal refusal={view.refusal} />
        <div className="session-actions">
          <Actions view={view} store={store} />
        </div>
      </div>
      {view.isOutranked && (
        <p className="session-note" data-testid="session-outranked">
          The last request carried the header editor’s <code>Authorization</code> instead of this session’s token.
        </p>
      )}
      {problem && <ProblemNotice problem={problem} />}
    </section>
  );
}

function Status({ session, refusal }: { session: Session; refusal: string | null }) {
  if (session.kind === "none") return <>Not signed in. Requests carry no token.</>;
  if (session.kind === "live") return <LiveStatus session={session} />;
  return <EndedStatus session={session} isRefused={refusal !== null} />;
}

function Refusal({ refusal }: { refusal: string | null }) {
  if (!refusal) return null;
  return (
    <code className="session-refusal" data-testid="session-refusal" title="Why the last request with this token was refused">
      {refusal}
    </code>
  );
}

function Actions({ view: { session, isBusy }, store }: { view: SessionView; store: SessionStore }) {
  if (session.kind === "live") return <LiveActions session={session} isBusy={isBusy} store={store} />;
  return (
    <>
      {session.kind === "ended" && (
        <button type="button" className="graphiql-button" disabled={isBusy} onClick={() => store.forget()}>
          Forget token
        </button>
      )}
      <SignInForm isBusy={isBusy} onSubmit={(username, password) => store.signIn(username, password)} />
    </>
  );
}
