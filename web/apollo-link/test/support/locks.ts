/** Web Locks for one process: exclusive locks, granted in the order of asking. Node 20 has none. */

type Callback = (lock: { name: string } | null) => unknown;

export class ProcessLocks {
  readonly #queues = new Map<string, Promise<unknown>>();

  async request(name: string, ...rest: [Callback] | [{ ifAvailable?: boolean }, Callback]): Promise<unknown> {
    const callback = rest.at(-1) as Callback;
    const options = rest.length === 2 ? rest[0] : {};
    const before = this.#queues.get(name);
    if (before && options.ifAvailable) return callback(null);
    const result = Promise.resolve(before).then(() => callback({ name }));
    const settled = result
      .catch(() => {})
      .then(() => {
        if (this.#queues.get(name) === settled) this.#queues.delete(name);
      });
    this.#queues.set(name, settled);
    return result;
  }
}
