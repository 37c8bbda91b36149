/** What a driver may answer. Anything else is a fault of the driver, named by field. */
import { sizeOf } from '#hw-models/core/address';
import { done, ERRNOS, type Result } from '#hw-models/core/result';
import { OFFERED, type Errno, type Started } from '#drivers/contract/driver';
import type { Invalidated } from '#drivers/contract/iommu';
import type { Manifest } from '#drivers/contract/manifest';
import type { Label } from '#hw-models/core/trace';
import * as v from 'valibot';
import { DriverFault, type Expected } from './outcomes';

/** A word, an address or a count of bytes. */
export const word = v.pipe(v.bigint(), v.minValue(0n, 'below 0'), v.maxValue(sizeOf(64) - 1n, 'more than 64 bits'));
export const number = v.pipe(v.number(), v.safeInteger('no whole number'), v.minValue(0, 'below 0'));
export const handle = v.pipe(number, v.minValue(1, 'no handle'), v.maxValue(0xffff_ffff, 'more than 32 bits'));

const gather = v.object({ start: word, last: word, handle: number });

const VALUES = {
  nothing: v.nullish(v.null()),
  handle,
  bigint: word,
  'yes or no': v.boolean(),
  bytes: v.instance(Uint8Array),
  regions: v.array(v.object({ start: word, length: word, kind: v.picklist(['direct', 'direct-relaxable', 'reserved', 'msi', 'sw-msi']) })),
  unmapped: v.object({ size: word, gather }),
  'hardware info': v.object({ type: number, data: v.instance(Uint8Array) }),
  'domain info': v.object({
    type: v.picklist(['paging', 'nested', 'identity', 'blocked', 'sva']),
    operations: v.array(v.picklist(['map', 'unmap', 'iovaToPhys', 'cacheInvalidate', 'dirtyTracking', 'enforceCoherency'])),
    pageSizes: v.array(word),
    aperture: v.optional(v.object({ start: word, last: word })),
  }),
  invalidated: v.object({ handled: number, errno: v.optional(v.picklist(ERRNOS)) }),
  record: v.record(v.string(), v.unknown()),
} as const;
export type AnswerKind = keyof typeof VALUES;

const refusal = v.object({ ok: v.literal(false), errno: v.picklist(ERRNOS) });

const schemaOf = (kind: AnswerKind): v.GenericSchema => v.variant('ok', [v.object({ ok: v.literal(true), value: VALUES[kind] }), refusal]);
const SCHEMAS = new Map<AnswerKind, v.GenericSchema>();

function schema(kind: AnswerKind): v.GenericSchema {
  const known = SCHEMAS.get(kind) ?? schemaOf(kind);
  SCHEMAS.set(kind, known);
  return known;
}

/** The answer as a result. Throws `DriverFault` naming the field that is wrong. */
export function checkAnswer(call: Label, kind: AnswerKind, answer: unknown): Result<unknown> {
  // The commonest answer by far, and one object.
  if (kind === 'nothing' && answer === done) return done;
  const parsed = looked(call, () => v.safeParse(schema(kind), answer));
  // A copy: what the driver keeps may change. What `start` answers is an object with methods, and stays itself.
  if (parsed.success) return (kind === 'record' ? answer : parsed.output) as Result<unknown>;
  const [issue] = parsed.issues;
  throw new DriverFault(
    `${String(call)} answered ${looked(call, () => show(answer))}: ${v.getDotPath(issue) ?? 'the answer'} is no ${kind === 'nothing' ? 'result' : `result with a ${kind}`} (${issue.message})`,
  );
}

/** Why not all was done that was asked: the call was refused, or an array was left at an entry. */
export function refusalOf(kind: AnswerKind, answer: Result<unknown>): Errno | undefined {
  if (!answer.ok) return answer.errno;
  return kind === 'invalidated' ? (answer.value as Invalidated).errno : undefined;
}

/** The refusal, with how much was done before it where that is asked for. */
export function toldOf(kind: AnswerKind, answer: Result<unknown>, expected: Expected): string | undefined {
  const refusal = refusalOf(kind, answer);
  if (refusal === undefined || expected?.includes(' after ') !== true) return refusal;
  return `${refusal} after ${answer.ok ? (answer.value as Invalidated).handled : 0}`;
}

/** Looking at an answer runs code of the driver where it has getters or is a proxy. */
function looked<T>(call: Label, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw new DriverFault(
      `${String(call)} answered what throws when it is looked at: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** What `start` answered, when it has everything that the manifest names. Throws `DriverFault` naming what is not there. */
export function checkStarted({ implements: interfaces }: Manifest, value: unknown): Started {
  const started = value as Readonly<Record<string, unknown>>;
  for (const name of interfaces) {
    const { field, methods } = OFFERED[name];
    const offered = started[field];
    if (typeof offered !== 'object' || offered === null)
      throw new DriverFault(`start answered without ${field}, which the manifest says is implemented`);
    const missing = methods.find((method) => typeof Reflect.get(offered, method) !== 'function');
    if (missing !== undefined) throw new DriverFault(`start answered without ${field}.${missing}`);
  }
  if (typeof started['stop'] !== 'function') throw new DriverFault('start answered without stop');
  return value as Started;
}

/** Waits for an answer, but not for ever. */
export async function within(limitMs: number, call: Label, answer: PromiseLike<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DriverFault(`${String(call)} did not answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function show(value: unknown): string {
  const text =
    typeof value === 'object' && value !== null
      ? JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `0x${item.toString(16)}` : item))
      : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
