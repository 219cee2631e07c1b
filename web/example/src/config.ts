/** Where the API is and how tokens travel, read when the page starts: one build serves everywhere. */

export interface Config {
  uri: string;
  mode: "header" | "cookie";
}

/** Rejects with a sentence for the page to show. */
export async function readConfig(): Promise<Config> {
  const response = await fetch("config.json", { cache: "no-store" });
  if (!response.ok) throw new Error(`config.json cannot be read: the server answers ${response.status}.`);
  const { uri, mode } = (await response.json()) as Partial<Record<keyof Config, unknown>>;
  if (typeof uri !== "string" || !URL.canParse(uri)) throw new Error("config.json needs the API’s address as “uri”.");
  if (mode !== "header" && mode !== "cookie") throw new Error("config.json needs a “mode”: header or cookie.");
  return { uri, mode };
}
