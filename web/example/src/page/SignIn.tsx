/** Asks for a username and a password, says why one is here, and keeps nothing. */

import type { FormEvent } from "react";
import { useAuth } from "./auth";
import { farewell } from "./explain";
import { Field } from "./Field";
import { Page } from "./Page";
import { Problem } from "./Problem";
import { useAction } from "./useAction";

interface SignInProps {
  reason: string | undefined;
  /** Why the API could not be told of the logout. */
  logOutProblem: string;
  onLogOut: () => void;
}

export function SignIn({ reason, logOutProblem, onLogOut }: SignInProps) {
  const auth = useAuth();
  const { isBusy, problem, attempt } = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const entered = new FormData(form);
    const username = String(entered.get("username"));
    const password = String(entered.get("password"));
    const isIn = await attempt(() => auth.signIn({ username, password }));
    const field = form.elements.namedItem("password");
    if (isIn || !(field instanceof HTMLInputElement)) return;
    field.value = "";
    field.focus();
  }

  return (
    <main className="page narrow">
      <Page title="Sign in">
        <p role="status" className="notice">
          {farewell(reason)}
        </p>
        {logOutProblem && (
          <div role="alert" className="problem">
            <p>You are logged out here, but the API could not be told: the session lives on there. {logOutProblem}</p>
            <button type="button" onClick={onLogOut}>
              Log out again
            </button>
          </div>
        )}
        <form className="card form" aria-label="Sign in" onSubmit={(event) => void submit(event)}>
          <Field label="Username" name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} />
          <Field label="Password" name="password" type="password" autoComplete="current-password" />
          <Problem text={problem} />
          <button type="submit" className="primary" disabled={isBusy}>
            Sign in
          </button>
        </form>
        <p className="hint">
          A new database in development has a user <code>demo</code> with the password <code>demo</code>.
        </p>
      </Page>
    </main>
  );
}
