/** What the pages know of authentication: the object that does it, and its state. */

import { createContext, use, useSyncExternalStore } from "react";
import type { Auth } from "../api";

export const AuthContext = createContext<Auth | null>(null);

export function useAuth(): Auth {
  const auth = use(AuthContext);
  if (!auth) throw new Error("AuthContext has no value");
  return auth;
}

export function useAuthState(): Auth["state"] {
  const auth = useAuth();
  return useSyncExternalStore(auth.subscribe, () => auth.state);
}
