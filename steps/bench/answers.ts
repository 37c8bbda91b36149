/** What a driver may answer. Anything else is a fault of the driver, named by field. */
import { ERRNOS, type Answer, type Result } from '#hw-models/core/result';
import type { Started } from '#drivers/contract/driver';
import type { Manifest } from '#drivers/contract/manifest';
import type { Label } from '#hw-models/core/trace';
import * as v from 'valibot';
import { DriverFault } from './outcomes';

const gather = v.object({ start: v.bigint(), last: v.bigint(), handle: v.number() });

const VALUES = {
  nothing: v.nullish(v.null()),
  number: v.pipe(v.number(), v.integer()),
  bigint: v.bigint(),
  boolean: v.boolean(),
  bytes: v.instance(Uint8Array),
  unmapped: v.object({ size: v.bigint(), gather }),
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
  const parsed = v.safeParse(schema(kind), answer);
  if (parsed.success) return answer as Result<unknown>;
  const [issue] = parsed.issues;
  throw new DriverFault(
    `${String(call)} answered ${show(answer)}: ${v.getDotPath(issue) ?? 'the answer'} is no ${kind === 'nothing' ? 'result' : `result with a ${kind}`} (${issue.message})`,
  );
}

/** What `start` answered, when it has everything that the manifest names. Throws `DriverFault` naming what is not there. */
export function checkStarted({ implements: interfaces }: Manifest, value: unknown): Started {
  const started = value as Readonly<Record<string, unknown>>;
  for (const name of interfaces) {
    const field = name === 'cache-invalidate' ? 'cacheInvalidate' : name;
    if (typeof started[field] !== 'object' || started[field] === null)
      throw new DriverFault(`start answered without ${field}, which the manifest says is implemented`);
  }
  if (typeof started['stop'] !== 'function') throw new DriverFault('start answered without stop');
  return value as Started;
}

/** Waits for an answer, but not for ever. */
export async function within<T>(limitMs: number, call: Label, answer: Answer<T> | Promise<unknown>): Promise<unknown> {
  if (!(answer instanceof Promise)) return answer;
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
