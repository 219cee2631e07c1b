/** Which page is shown, kept in the address so that it survives a reload and the back button works. */

import { useSyncExternalStore } from "react";

export const PLACES = { "": "Account", devices: "Devices", password: "Password" } as const;
export type Place = keyof typeof PLACES;

export function usePlace(): Place {
  const hash = useSyncExternalStore(subscribe, () => location.hash.replace(/^#\/?/, ""));
  return hash in PLACES ? (hash as Place) : "";
}

function subscribe(listener: () => void) {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}
