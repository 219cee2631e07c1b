/** Ten protected queries at once: with an expired access token they cost one refresh, not ten. */

import type { ApolloClient } from "@apollo/client";
import { useApolloClient } from "@apollo/client/react";
import { useState } from "react";
import { numbered } from "../operations";
import { explain } from "./explain";

interface Result {
  number: number;
  text: string;
  isRefused: boolean;
  milliseconds: number;
}

const NUMBERS = Array.from({ length: 10 }, (_, index) => index + 1);

export function TenQueries() {
  const client = useApolloClient();
  const [results, setResults] = useState<Result[]>([]);
  const [isBusy, setIsBusy] = useState(false);

  async function run() {
    setIsBusy(true);
    setResults([]);
    setResults(await Promise.all(NUMBERS.map((number) => ask(client, number))));
    setIsBusy(false);
  }

  const refused = results.filter((result) => result.isRefused).length;
  return (
    <section className="card" aria-labelledby="ten">
      <h2 id="ten">Ten queries at once</h2>
      <p>Wait until the access token has expired, then press: the ten cost one refresh.</p>
      <button type="button" disabled={isBusy} onClick={() => void run()}>
        Run ten queries
      </button>
      <p role="status" className="hint">
        {isBusy && "Asking …"}
        {results.length > 0 && `${results.length - refused} answered, ${refused} refused.`}
      </p>
      {results.length > 0 && <Results results={results} />}
    </section>
  );
}

function Results({ results }: { results: Result[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Query</th>
          <th scope="col">Answer</th>
          <th scope="col">Time</th>
        </tr>
      </thead>
      <tbody>
        {results.map(({ number, text, milliseconds }) => (
          <tr key={number}>
            <td>{number}</td>
            <td>{text}</td>
            <td>{milliseconds} ms</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

async function ask(client: ApolloClient, number: number): Promise<Result> {
  const startedAt = performance.now();
  const answer = await answerOf(client, number);
  return { number, ...answer, milliseconds: Math.round(performance.now() - startedAt) };
}

async function answerOf(client: ApolloClient, number: number) {
  try {
    const { data } = await client.query({ query: numbered(number), fetchPolicy: "no-cache" });
    return { text: data?.[`answer${number}`]?.username ?? "nothing", isRefused: false };
  } catch (error) {
    return { text: explain(error), isRefused: true };
  }
}
