/**
 * One driver process and what is asked of it, one request at a time. Whatever it does against the protocol ends it: the request under
 * way fails with what it did; what nobody waits for is told to whoever began it.
 */
import { DriverFailure } from '#drivers/contract/failure';
import type { Method, Shape } from '#drivers/contract/shape';
import { nothing } from '#drivers/contract/shape';
import { refuse } from '#hw-models/core/result';
import type { Result } from '#hw-models/core/result';
import { isPartial } from '../abi/names';
import { METHOD_NOT_FOUND, parseMessage, PROTOCOL_VERSION, requestLine, response } from './messages';
import type { Answer, Call } from './messages';
import { DriverProcess } from './process';
import type { Served } from './served';
import { validate } from './validate';
import { resultFromJson, toJson } from './values';

interface Pending {
  readonly id: number;
  readonly method: string;
  readonly served: Served | undefined;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** What a driver need not have it may not know. */
const isUnsupported = (method: string, { code }: NonNullable<Answer['error']>): boolean =>
  isPartial(method.split('.', 1)[0]!) && code === METHOD_NOT_FOUND;

export class Session {
  readonly #process: DriverProcess;
  readonly #onFailure: (failure: DriverFailure) => void;
  #isIdle = false;
  #lastId = 0;
  #pending: Pending | undefined;
  /** The last request, for messages. */
  #last = 'nothing';
  /** What ended it. */
  #over: DriverFailure | undefined;

  /** @param onFailure Told what it did when nothing was asked of it. */
  constructor(command: readonly string[], onFailure: (failure: DriverFailure) => void) {
    this.#onFailure = onFailure;
    this.#process = new DriverProcess(command, { line: (text) => this.#hear(text), failed: (failure) => this.#end(failure) });
  }

  /** Its scenario has ended: what it does now, or has done since its last answer, belongs to none. */
  rest(): void {
    this.#isIdle = true;
    if (this.#over !== undefined) this.#onFailure(this.#over);
  }

  /** A scenario begins. */
  wake(): void {
    this.#isIdle = false;
  }

  /** It can be asked. */
  get isAlive(): boolean {
    return this.#over === undefined;
  }

  get isBusy(): boolean {
    return this.#pending !== undefined;
  }

  /** @returns What it says its manifest is. Throws `DriverFailure`. */
  async hello(): Promise<unknown> {
    const { result } = (await this.#ask('hello', [PROTOCOL_VERSION])) as { readonly result?: unknown };
    const { protocol, manifest } = (result ?? {}) as { readonly protocol?: unknown; readonly manifest?: unknown };
    if (protocol !== PROTOCOL_VERSION)
      throw new DriverFailure(
        `speaks version ${JSON.stringify(protocol) ?? 'nothing'} of the protocol, and this suite version ${PROTOCOL_VERSION}`,
      );
    return manifest;
  }

  /** Forgets what was started. Throws `DriverFailure`. */
  async reset(): Promise<void> {
    const answer = resultFromJson(nothing, (await this.#ask('reset', [])).result, 'the answer to reset');
    if (!answer.ok) throw new DriverFailure(`refused reset with ${answer.errno}`);
  }

  /** @param served What it may call until it has answered. */
  async call(name: string, { params, gives }: Method, args: readonly unknown[], served: Served): Promise<Result<unknown>> {
    const shapes = Object.values<Shape>(params);
    const sent = args.map((value, index) => toJson(shapes[index]!, value));
    const answer = await this.#ask(name, sent, served);
    if (answer.error !== undefined) return refuse('EOPNOTSUPP');
    return resultFromJson(gives, answer.result, `the answer to ${name}`);
  }

  end(): void {
    this.wake();
    this.#process.end();
    this.#end(new DriverFailure('was ended'));
  }

  async #ask(method: string, params: readonly unknown[], served?: Served): Promise<Answer> {
    if (this.#over !== undefined) throw this.#over;
    const id = ++this.#lastId;
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#pending = { id, method, served, resolve, reject };
      this.#last = `${method} (request ${id})`;
      const line = requestLine(id, method, [...params]);
      validate('toDriver', line);
      this.#process.isAwaited = true;
      this.#process.write(line);
    });
    if (answer.error !== undefined && !isUnsupported(method, answer.error))
      throw new DriverFailure(`answered ${method} with an error: ${answer.error.message}`);
    return answer;
  }

  /** The end of everything, for a reason that may be ours. */
  #fail(error: unknown): void {
    this.#process.end();
    this.#end(error instanceof DriverFailure ? error : new DriverFailure('was ended in an earlier call'), error);
  }

  #end(over: DriverFailure, why: unknown = over): void {
    const isFirst = this.#over === undefined;
    this.#over ??= over;
    const pending = this.#pending;
    if (isFirst && this.#isIdle && pending === undefined) this.#onFailure(over);
    this.#rest();
    pending?.reject(why);
  }

  #hear(line: string): void {
    try {
      const message = parseMessage(line);
      validate('fromDriver', line);
      if (message.kind === 'answer') this.#settle(message.answer);
      else this.#carryOut(message.calls, message.isBatch);
    } catch (error) {
      this.#fail(error);
    }
  }

  #settle(answer: Answer): void {
    const pending = this.#pending;
    if (pending?.id !== answer.id) throw new DriverFailure(this.#unasked(answer));
    this.#rest();
    pending.resolve(answer);
  }

  /** Nothing is asked of it. */
  #rest(): void {
    this.#pending = undefined;
    this.#process.isAwaited = false;
  }

  #unasked({ id }: Answer): string {
    const last = this.#pending === undefined ? `after ${this.#last}` : `while ${this.#last} waited`;
    const wasAsked = typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= this.#lastId;
    return `answered request ${JSON.stringify(id)}, ${wasAsked ? 'which it had answered already' : 'which was never asked'}, ${last}`;
  }

  #carryOut(calls: readonly Call[], isBatch: boolean): void {
    const pending = this.#pending;
    const [first] = calls;
    if (pending?.served === undefined) {
      const when = pending === undefined ? `after it had answered ${this.#last}` : `in ${pending.method}, where it may call nothing`;
      throw new DriverFailure(`called ${first?.method ?? ''} ${when}`);
    }
    const responses: unknown[] = [];
    for (const one of calls) {
      const result = pending.served.carryOut(one);
      if (one.id !== undefined) responses.push(response(one.id, result));
    }
    if (responses.length === 0) return;
    const line = `${JSON.stringify(isBatch ? responses : responses[0])}\n`;
    validate('toDriver', line);
    this.#process.write(line);
  }
}
