/** It is not known yet who is signed in, or it cannot be known now. */

export function Waiting({ reason }: { reason: string | undefined }) {
  if (reason === undefined) {
    return (
      <main className="message" aria-busy="true">
        One moment …
      </main>
    );
  }
  return (
    <main className="message">
      <p role="alert">The API cannot say now who is signed in ({reason}).</p>
      <button type="button" onClick={() => location.reload()}>
        Try again
      </button>
    </main>
  );
}
