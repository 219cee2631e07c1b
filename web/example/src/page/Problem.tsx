/** Why something failed. Always in the page, so that a screen reader hears it change. */

export function Problem({ text }: { text: string }) {
  return (
    <p role="alert" className="problem">
      {text}
    </p>
  );
}
