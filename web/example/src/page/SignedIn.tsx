/** What a signed-in user finds on every page: where one can go, and the way out. */

import { Account } from "./Account";
import { Devices } from "./Devices";
import { Password } from "./Password";
import { PLACES, usePlace } from "./usePlace";

interface SignedInProps {
  username: string;
  isLeaving: boolean;
  onLogOut: () => void;
}

const PAGES = { "": Account, devices: Devices, password: Password };

export function SignedIn({ username, isLeaving, onLogOut }: SignedInProps) {
  const place = usePlace();
  const Current = PAGES[place];
  return (
    <>
      <header className="header">
        <nav className="tabs" aria-label="Pages">
          {Object.entries(PLACES).map(([to, title]) => (
            <a key={to} href={`#/${to}`} aria-current={to === place ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <p className="who">
          Signed in as <strong data-testid="username">{username}</strong>
        </p>
        <button type="button" disabled={isLeaving} onClick={onLogOut}>
          Log out
        </button>
      </header>
      <main className="page">
        <Current />
      </main>
    </>
  );
}
