/** A sign-out that the server has not confirmed yet. */

/**
 * Until it is, the cookies may still open something, and only the server can delete them. So it is
 * remembered beyond the page, and no operation of any tab carries them meanwhile.
 */
export class Departure {
  #isPending = false;

  /** `storage`: shared by the tabs; null if there are no cookies to speak of. */
  constructor(
    private readonly key: string,
    private readonly storage: Storage | null,
  ) {}

  get isPending(): boolean {
    return this.#isPending || (this.storage?.getItem(this.key) ?? null) !== null;
  }

  begin(): void {
    this.#isPending = true;
    attempt(() => this.storage?.setItem(this.key, "pending"));
  }

  /** It was confirmed, or somebody signed in after it. */
  end(): void {
    this.#isPending = false;
    attempt(() => this.storage?.removeItem(this.key));
  }
}

/** A full storage throws; the memory of this page must do then. */
function attempt(write: () => void) {
  try {
    write();
  } catch {
    return;
  }
}
