/** The frame: who is signed in, the page that is asked for, and to which API all this speaks. */

import type { Config } from "../config";
import { useAuth, useAuthState } from "./auth";
import { SignedIn } from "./SignedIn";
import { SignIn } from "./SignIn";
import { useAction } from "./useAction";
import { Waiting } from "./Waiting";

export function App({ config }: { config: Config }) {
  const auth = useAuth();
  const { status, username = "", reason } = useAuthState();
  // Kept here, since the page with the button goes away while the API is still being told.
  const { isBusy, problem, attempt } = useAction();
  const logOut = () => void attempt(() => auth.signOut());
  return (
    <>
      {status === "loading" && <Waiting reason={reason} />}
      {status === "signedOut" && <SignIn reason={reason} logOutProblem={problem} onLogOut={logOut} />}
      {/* Another user gets pages of their own, with nothing left in them. */}
      {status === "signedIn" && <SignedIn key={username} username={username} isLeaving={isBusy} onLogOut={logOut} />}
      <footer className="footer">
        Example of django-graphql-revocation · API <code>{config.uri}</code> · tokens in {config.mode === "cookie" ? "cookies" : "a header"} (mode{" "}
        <code data-testid="mode">{config.mode}</code>)
      </footer>
    </>
  );
}
