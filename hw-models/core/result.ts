/**
 * What a driver answers: a value, or a refusal with the name of a Linux error.
 */

/** The Linux number of each refusal, positive. @spec LINUX "uapi/asm-generic/errno-base.h", "uapi/asm-generic/errno.h" and "linux/errno.h" */
export const ERRNO_NUMBERS = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENOTTY: 25,
  ENOSPC: 28,
  ESPIPE: 29,
  ERANGE: 34,
  EOVERFLOW: 75,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  ETIMEDOUT: 110,
  ENOIOCTLCMD: 515,
} as const;

/** The name of a refusal, as Linux spells it. */
export type Errno = keyof typeof ERRNO_NUMBERS;

/** Every name of a refusal, in order of the Linux numbers. */
export const ERRNOS: readonly Errno[] = Object.keys(ERRNO_NUMBERS) as Errno[];

/** Whether `text` names a refusal. */
export function isErrno(text: string): text is Errno {
  return Object.hasOwn(ERRNO_NUMBERS, text);
}

const nameOf: ReadonlyMap<number, Errno> = new Map(ERRNOS.map((name) => [ERRNO_NUMBERS[name], name]));

/** The name of a Linux error number of either sign; `undefined` for a number outside the table. */
export function errnoNamed(number: number): Errno | undefined {
  return nameOf.get(Math.abs(number));
}

/** The call was carried out. */
export interface Success<T> {
  readonly ok: true;
  readonly value: T;
}

/** The call was refused and changed nothing, unless the contract says otherwise. */
export interface Refusal<E extends Errno = Errno> {
  readonly ok: false;
  readonly errno: E;
}

/** What became of a call: `E` lists the refusals that callers depend on. */
export type Result<T, E extends Errno = Errno> = Success<T> | Refusal<E>;

/** A result, now or later: a driver may live in another process. */
export type Answer<T, E extends Errno = Errno> = Result<T, E> | Promise<Result<T, E>>;

/** The call was carried out and gave `value`. */
export function ok<T>(value: T): Success<T> {
  return { ok: true, value };
}

/** The call was carried out; there is nothing to give back. Shared and frozen. */
export const done: Success<null> = Object.freeze(ok(null));

/** The call is refused. */
export function refuse<const E extends Errno>(errno: E): Refusal<E> {
  return { ok: false, errno };
}

/**
 * `next(answer)`, at once when the answer is there and later when it is a promise:
 * a synchronous driver stays synchronous under whatever is wrapped around it.
 */
export function after<A, B>(answer: A | Promise<A>, next: (value: A) => B | Promise<B>): B | Promise<B> {
  return isPromise(answer) ? answer.then(next) : next(answer);
}

/** Whether an answer is still to come. Recognised by its `then`, as a promise of another realm is no instance of ours. */
export function isPromise<A>(answer: A | Promise<A>): answer is Promise<A> {
  return typeof answer === 'object' && answer !== null && typeof (answer as { readonly then?: unknown }).then === 'function';
}
