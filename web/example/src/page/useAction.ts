/** One thing a person asked for: whether it is under way, and in a sentence why it failed. */

import { useState } from "react";
import { explain } from "./explain";

export interface Action {
  isBusy: boolean;
  problem: string;
  /** Do it; whether it worked. What failed is in `problem` then. */
  attempt: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useAction(): Action {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState("");

  async function attempt(work: () => Promise<unknown>) {
    setIsBusy(true);
    setProblem("");
    try {
      await work();
      return true;
    } catch (error) {
      setProblem(explain(error));
      return false;
    } finally {
      setIsBusy(false);
    }
  }

  return { isBusy, problem, attempt };
}
