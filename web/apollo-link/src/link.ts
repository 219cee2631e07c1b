/** The link: presents the token, and sends an operation again at most once. */

import { ApolloLink, Observable } from "@apollo/client/core/index.js";
import type { FetchResult, Operation } from "@apollo/client/core/index.js";
import { refusalIn } from "./errors.js";
import type { AuthError } from "./errors.js";
import type { Identity } from "./identity.js";
import { answerOf, isMutation, mayRepeat } from "./operation.js";
import type { Presenter } from "./presenter.js";
import { isCuredByRefresh } from "./recovery.js";
import type { Recovery } from "./recovery.js";
import type { Session } from "./session.js";

interface Parts {
  identity: Identity;
  recovery: Recovery;
  presenter: Presenter;
  /** Resolves when it is settled who is signed in; undefined if it is. */
  settled: () => Promise<void> | undefined;
}

type Forward = (operation: Operation) => Observable<FetchResult>;

interface Observer {
  next(result: FetchResult): void;
  error(error: unknown): void;
  complete(): void;
}

export function createLink(parts: Parts): ApolloLink {
  return new ApolloLink((operation, forward) => {
    if (parts.presenter.isSpared(operation)) return forward(operation);
    return new Observable<FetchResult>((observer) => {
      const dispatch = new Dispatch(parts, operation, forward, observer);
      dispatch.start();
      return () => dispatch.stop();
    });
  });
}

/** One operation on its way, until it is answered, no longer wanted, or its user has left. */
class Dispatch {
  #isOver = false;
  #isLeftAlone = false;
  #subscription: { unsubscribe(): void } | undefined;
  readonly #leave: () => void;
  readonly #present: (session: Session | null) => void;

  constructor(
    private readonly parts: Parts,
    private readonly operation: Operation,
    private readonly forward: Forward,
    private readonly observer: Observer,
  ) {
    this.#leave = parts.identity.enlist((error) => this.#abort(error));
    this.#present = parts.presenter.prepare(operation);
  }

  start(): void {
    const pending = this.parts.settled();
    if (pending) void pending.then(() => this.#send(false));
    else this.#send(false);
  }

  stop(): void {
    this.#isOver = true;
    this.#leave();
    if (!this.#isLeftAlone) this.#subscription?.unsubscribe();
  }

  #abort(error: AuthError) {
    // A mutation on its way is not called back: to be cut off halfway is worse than to be carried out.
    this.#isLeftAlone = isMutation(this.operation);
    this.#finish(() => this.observer.error(error));
  }

  #send(isLast: boolean) {
    if (this.#isOver) return;
    this.#subscription?.unsubscribe();
    const { session } = this.parts.identity;
    this.#present(session);
    // Only the first result can be kept back; those that follow belong to it.
    let isFirst = true;
    let isHeld = false;
    const hold = (answer: unknown, deliver: () => void) => {
      isHeld ||= isFirst && session !== null && this.#takesUp(answer, { session, isLast, deliver });
      isFirst = false;
      return isHeld;
    };
    this.#subscription = this.forward(this.operation).subscribe({
      next: (result) => void (hold(result, () => this.#deliverAlone(result)) || this.observer.next(result)),
      error: (error: unknown) => void (hold(answerOf(error), () => this.#fail(error)) || this.#fail(error)),
      complete: () => void (isHeld || this.#finish(() => this.observer.complete())),
    });
  }

  /** Whether the answer says that our token was refused; then it is seen to. */
  #takesUp(answer: unknown, attempt: { session: Session; isLast: boolean; deliver: () => void }): boolean {
    const { session, isLast, deliver } = attempt;
    const refusal = refusalIn(answer);
    if (!refusal || (isLast && isCuredByRefresh(refusal, session))) return false;
    const isRepeated = !isLast && mayRepeat(this.operation, answer);
    this.parts.recovery.after(refusal, session).then(
      () => (isRepeated ? this.#send(true) : deliver()),
      (error: unknown) => (isRepeated ? this.#fail(error) : deliver()),
    );
    return true;
  }

  #deliverAlone(result: FetchResult) {
    this.#finish(() => {
      this.observer.next(result);
      this.observer.complete();
    });
  }

  #fail(error: unknown) {
    this.#finish(() => this.observer.error(error));
  }

  #finish(tell: () => void) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
    tell();
  }
}
