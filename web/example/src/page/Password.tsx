/** Changes the password: every other device is logged out, this one goes on. */

import { useState } from "react";
import type { FormEvent } from "react";
import { useAuth } from "./auth";
import { Field } from "./Field";
import { Page } from "./Page";
import { Problem } from "./Problem";
import { useAction } from "./useAction";

export function Password() {
  const auth = useAuth();
  const { isBusy, problem, attempt } = useAction();
  const [isChanged, setIsChanged] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const entered = new FormData(form);
    const oldPassword = String(entered.get("old"));
    const newPassword = String(entered.get("new"));
    setIsChanged(false);
    setIsChanged(await attempt(() => auth.changePassword({ oldPassword, newPassword })));
    form.reset();
  }

  return (
    <Page title="Password">
      <form className="card form" aria-label="Change password" onSubmit={(event) => void submit(event)}>
        {/* For whatever keeps the user's passwords: it must know which of them changes. */}
        <input type="text" hidden readOnly autoComplete="username" value={auth.state.username ?? ""} />
        <Field label="Current password" name="old" type="password" autoComplete="current-password" />
        <Field label="New password" name="new" type="password" autoComplete="new-password" />
        <Problem text={problem} />
        <p role="status" className="notice">
          {isChanged && "The password is changed, and every other device is logged out."}
        </p>
        <button type="submit" className="primary" disabled={isBusy}>
          Change password
        </button>
      </form>
    </Page>
  );
}
