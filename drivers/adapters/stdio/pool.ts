/** The processes of one command: as many as there are drivers started at once, each used again when its driver is no longer used. */
import { DriverFailure } from '#drivers/contract/failure';
import { Session } from './session';

/** Milliseconds that a program has to say hello in. */
const HELLO_MS = 10_000;

/** Processes one after another that may be of no use. */
const MOST_ATTEMPTS = 3;

/** Told by whoever runs scenarios: what happens to a process between two of them, and when one is begun, which has a limit of its own. */
export const between: { happened(this: void, what: string): void; begins(this: void, isBeginning: boolean): void } = {
  happened: () => undefined,
  begins: () => undefined,
};

export class Pool {
  readonly #command: readonly string[];
  readonly #free: Session[] = [];
  readonly #taken = new Set<Session>();
  /** As the first process said it, in text. */
  #manifest: string | undefined;

  constructor(command: readonly string[]) {
    this.#command = command;
  }

  /** @returns The manifest that the first process says it has. Throws `DriverFailure`. */
  async greet(): Promise<unknown> {
    const { session, manifest } = await this.#begin();
    this.#manifest = JSON.stringify(manifest);
    this.#put(session);
    return manifest;
  }

  /** A process is there to be taken. Throws `DriverFailure`. */
  async reserve(): Promise<void> {
    while (this.#free.length > 0 && !this.#free.at(-1)!.isAlive) this.#free.pop();
    if (this.#free.length > 0) return;
    const { session, manifest } = await this.#begin();
    if (JSON.stringify(manifest) !== this.#manifest) {
      session.end();
      throw new DriverFailure('has another manifest than when it was begun first');
    }
    this.#put(session);
  }

  /** A process that knows nothing of any machine. Throws `DriverFailure`. */
  async take(): Promise<Session> {
    for (let attempt = 1; ; attempt++) {
      await this.reserve();
      const session = this.#free.pop()!;
      session.wake();
      this.#taken.add(session);
      try {
        await session.reset();
        return session;
      } catch (error) {
        // What comes before the answer to this was sent when the scenario before had ended.
        if (!(error instanceof DriverFailure) || attempt === MOST_ATTEMPTS) throw error;
        between.happened(error.message);
      }
    }
  }

  give(session: Session): void {
    if (this.#taken.delete(session)) this.#put(session);
  }

  /** Nothing that was started is used any more. */
  idle(): void {
    for (const session of this.#taken) {
      if (session.isBusy) session.end();
      else if (session.isAlive) this.#put(session);
    }
    this.#taken.clear();
  }

  end(): void {
    for (const session of [...this.#taken, ...this.#free]) session.end();
  }

  #put(session: Session): void {
    session.rest();
    this.#free.push(session);
  }

  async #begin(): Promise<{ readonly session: Session; readonly manifest: unknown }> {
    between.begins(true);
    const session = new Session(this.#command, ({ message }) => between.happened(message));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new DriverFailure(`did not say hello within ${HELLO_MS / 1000} s`)), HELLO_MS);
    });
    try {
      return { session, manifest: await Promise.race([session.hello(), late]) };
    } catch (error) {
      session.end();
      throw error;
    } finally {
      clearTimeout(timer);
      between.begins(false);
    }
  }
}
