/** Asks for a username and a password, and keeps neither. */

import type { FormEvent } from "react";

interface SignInFormProps {
  isBusy: boolean;
  onSubmit: (username: string, password: string) => Promise<void>;
}

export function SignInForm({ isBusy, onSubmit }: SignInFormProps) {
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const entered = new FormData(form);
    await onSubmit(String(entered.get("username")), String(entered.get("password")));
    const password = form.elements.namedItem("password");
    if (password instanceof HTMLInputElement) password.value = "";
  }

  return (
    <form className="session-sign-in" aria-label="Sign in" onSubmit={(event) => void submit(event)}>
      <input name="username" aria-label="Username" placeholder="Username" autoComplete="username" required />
      <input
        name="password"
        type="password"
        aria-label="Password"
        placeholder="Password"
        autoComplete="current-password"
        required
      />
      <button type="submit" className="graphiql-button session-primary" disabled={isBusy}>
        Sign in
      </button>
    </form>
  );
}
