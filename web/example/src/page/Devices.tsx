/** Where one is signed in, and how to end it there. */

import { useMutation, useQuery } from "@apollo/client/react";
import { useState } from "react";
import { REVOKE_SESSION, SESSIONS } from "../operations";
import type { Session } from "../operations";
import { useAuth } from "./auth";
import { deviceName } from "./device";
import { explain } from "./explain";
import { Moment } from "./Moment";
import { Page } from "./Page";
import { Problem } from "./Problem";
import { useAction } from "./useAction";

export function Devices() {
  const auth = useAuth();
  const { data, error, refetch } = useQuery(SESSIONS, { fetchPolicy: "cache-and-network" });
  const [revoke] = useMutation(REVOKE_SESSION);
  const { isBusy, problem, attempt } = useAction();
  const [done, setDone] = useState("");

  async function end(session: Session) {
    setDone("");
    const isDone = await attempt(async () => {
      await revoke({ variables: { id: session.id } });
      await refetch();
    });
    if (isDone) setDone(`${deviceName(session.userAgent)} is logged out.`);
  }

  async function endOthers() {
    setDone("");
    const isDone = await attempt(async () => {
      await auth.signOutEverywhere({ exceptCurrent: true });
      await refetch();
    });
    if (isDone) setDone("Every other device is logged out.");
  }

  return (
    <Page title="Devices">
      <Problem text={problem || (error ? explain(error) : "")} />
      <p role="status" className="notice">
        {done}
      </p>
      <ul className="devices" aria-label="Your sessions">
        {data?.sessions?.map((session) => (
          <Device key={session.id} session={session} isBusy={isBusy} onEnd={() => void end(session)} />
        ))}
      </ul>
      <div className="buttons">
        <button type="button" disabled={isBusy} onClick={() => void endOthers()}>
          Log out every other device
        </button>
        <button
          type="button"
          className="danger"
          disabled={isBusy}
          onClick={() => void attempt(() => auth.signOutEverywhere())}
        >
          Log out everywhere
        </button>
      </div>
    </Page>
  );
}

interface DeviceProps {
  session: Session;
  isBusy: boolean;
  onEnd: () => void;
}

function Device({ session, isBusy, onEnd }: DeviceProps) {
  const name = deviceName(session.userAgent);
  return (
    <li className="card device">
      <div>
        <h2>
          {name} {session.current && <span className="badge">This device</span>}
        </h2>
        <p className="hint">
          {session.ipAddress ?? "Unknown address"} · signed in <Moment at={session.createdAt} /> · last used{" "}
          <Moment at={session.lastUsedAt} />
        </p>
      </div>
      {!session.current && (
        <button type="button" disabled={isBusy} onClick={onEnd}>
          Log out that device
        </button>
      )}
    </li>
  );
}
