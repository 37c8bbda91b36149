/** Differential vectors: configurations of one IOMMU, each with what another implementation answered. One JSON object a line. */
import { createReadStream, statSync, type Stats } from 'node:fs';
import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import * as v from 'valibot';
import { UsageError } from '#drivers/usage';
import { explained } from '#reports/record';

/** The longest line that is read, in UTF-16 code units: a file without line ends does not fill memory. */
const LONGEST = 16 * 1024 * 1024;
const ADDRESS_BITS = 56;
const WORD_BYTES = 8n;

const fitting = (bits: number): v.GenericSchema<string> =>
  v.pipe(
    v.string(),
    v.regex(/^0x[0-9a-f]{1,16}$/i, (issue) => `${issue.received} is no hexadecimal number of up to 64 bits, such as "0x8000"`),
    v.check(
      (text) => BigInt.asUintN(bits, BigInt(text)) === BigInt(text),
      (issue) => `${issue.received} has more than ${bits} bits`,
    ),
  );
const whole = (max: number): v.GenericSchema<number> => v.pipe(v.number(), v.integer('is no integer'), v.minValue(0), v.maxValue(max));

const word = fitting(64);
const flag = whole(1);
const cause = whole(0xfff);
const deviceId = 0xff_ffff;
const processId = 0xf_ffff;
const address = v.pipe(
  fitting(ADDRESS_BITS),
  v.check(
    (text) => BigInt(text) % WORD_BYTES === 0n,
    (issue) => `${issue.received} is not aligned to ${WORD_BYTES} bytes`,
  ),
);
const words = v.array(v.strictTuple([address, word]));

const CapsSchema = v.strictObject({
  version: v.exactOptional(whole(0xff)),
  igs: v.exactOptional(whole(2)),
  pas: v.exactOptional(whole(ADDRESS_BITS)),
  ...v.entriesFromList(['sv39', 'sv48', 'sv57', 'sv39x4', 'sv48x4', 'sv57x4', 'svpbmt', 'svrsw60t59b'], v.exactOptional(flag)),
  ...v.entriesFromList(
    ['msi_flat', 'msi_mrif', 'amo_mrif', 'amo_hwad', 'ats', 't2gpa', 'dbg', 'pd8', 'pd17', 'pd20'],
    v.exactOptional(flag),
  ),
});

const RequestSchema = v.pipe(
  v.strictObject({
    did: fitting(24),
    pid: v.exactOptional(fitting(20)),
    priv: v.exactOptional(flag),
    iova: word,
    acc: v.picklist(['r', 'w', 'x']),
    at: v.picklist(['u', 't', 'a']),
    nw: v.exactOptional(flag),
  }),
  v.check(({ pid, priv }) => pid !== undefined || priv !== 1, 'priv 1 takes a pid'),
  v.check(({ at, nw }) => at === 'a' || nw !== 1, 'nw 1 takes at "a"'),
);

const ResponseSchema = v.pipe(
  v.strictObject({
    st: v.picklist(['ok', 'ur', 'ca']),
    cause: v.exactOptional(cause),
    pbmt: v.exactOptional(whole(2)),
    mrif_nid: v.exactOptional(whole(0x7ff)),
    ...v.entriesFromList(['pa', 'size', 'mrif_addr', 'iotval', 'iotval2'], v.exactOptional(word)),
    ...v.entriesFromList(['msi', 'mrif', 'R', 'W', 'X', 'U', 'Priv', 'G', 'CXLio'], v.exactOptional(flag)),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { value } = dataset;
    const lacking = comparedOf(value).filter((key) => value[key] === undefined);
    if (lacking.length > 0) addIssue({ message: `${lacking.join(' and ')} of an answer with st ${value.st} is missing` });
  }),
);

const RecordSchema = v.strictObject({
  cause,
  did: whole(deviceId),
  pv: flag,
  pid: whole(processId),
  priv: flag,
  ttyp: whole(0x3f),
  iotval: word,
  iotval2: word,
});

const ConfigurationSchema = v.pipe(
  v.strictObject({
    id: v.pipe(v.string(), v.nonEmpty('is empty')),
    caps: CapsSchema,
    regs: v.array(v.strictTuple([v.string(), word])),
    mem: words,
    req: v.array(RequestSchema),
    rsp: v.array(ResponseSchema),
    fq: v.array(RecordSchema),
    memafter: words,
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const message of contradictions(dataset.value)) addIssue({ message });
  }),
);

export type VectorRequest = Readonly<v.InferOutput<typeof RequestSchema>>;
export type VectorResponse = Readonly<v.InferOutput<typeof ResponseSchema>>;
export type VectorRecord = Readonly<v.InferOutput<typeof RecordSchema>>;
type Parsed = v.InferOutput<typeof ConfigurationSchema>;
export type Configuration = { readonly [K in keyof Parsed]: Readonly<Parsed[K]> };

/**
 * What of an answer is compared. A translation that ATS got without permission has its rights only, as has one to an interrupt file:
 * an ATS answer has no place for that. Its memory type is not in the answer either.
 */
export function comparedOf({ st, R, cause: refused, mrif }: VectorResponse): readonly (keyof VectorResponse)[] {
  if (st !== 'ok') return ['st', 'cause'];
  if (R !== undefined) return refused !== undefined || mrif === 1 ? ['st', 'R', 'W', 'X'] : ['st', 'R', 'W', 'X', 'pa', 'size'];
  return mrif === 1 ? ['st', 'mrif', 'mrif_addr', 'mrif_nid'] : ['st', 'pa', 'size', 'pbmt'];
}

function contradictions({ req, rsp, mem, memafter }: Configuration): readonly string[] {
  const addresses = new Set(mem.map(([at]) => BigInt(at)));
  const said: string[] = [];
  if (req.length !== rsp.length) said.push(`req has ${req.length} requests and rsp ${rsp.length} answers`);
  if (addresses.size < mem.length) said.push('mem has an address twice');
  if (new Set(memafter.map(([at]) => BigInt(at))).size < memafter.length) said.push('memafter has an address twice');
  for (const [at] of memafter) if (!addresses.has(BigInt(at))) said.push(`memafter has ${at}, which is not in mem`);
  for (const [index, { at }] of req.entries())
    if (rsp[index]?.st === 'ok' && (rsp[index].R !== undefined) !== (at === 'a')) said.push(`rsp.${index} is not an answer to at "${at}"`);
  return said;
}

export interface Line {
  /** Counts from 1. */
  readonly number: number;
  readonly text: string;
}

const HELP = 'type iommu-tck replay --help for the format';

/** Bad input in one line of a file. */
export const lineError = (file: string, line: number, reason: string): UsageError => new UsageError(`${file}:${line}: ${reason}; ${HELP}`);

/** The configuration of a line. Throws `UsageError`. */
export function configurationOf(file: string, { number, text }: Line): Configuration {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw lineError(file, number, `is no JSON: ${(error as Error).message}`);
  }
  const { success, output, issues } = v.safeParse(ConfigurationSchema, value, { abortEarly: true });
  if (success) return output;
  throw lineError(file, number, explained(issues));
}

/** The lines of a file that are not blank, one after another, unpacked when it is gzipped. Throws `UsageError` where it cannot go on. */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let number = 0;
  let rest = '';
  try {
    for await (const chunk of bytesOf(file)) {
      const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      for (const text of parts) {
        number++;
        if (text.trim() !== '') yield { number, text };
      }
      if (rest.length > LONGEST) throw new RangeError(`is longer than ${LONGEST} characters`);
    }
    rest += decoder.decode();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw lineError(file, number + 1, `cannot be read: ${(error as Error).message}`);
  }
  if (rest.trim() !== '') yield { number: number + 1, text: rest };
}

function bytesOf(file: string): Readable {
  const status = statusOf(file);
  if (status === undefined) throw new UsageError(`${file}: there is no such file; name a file of vectors, .jsonl or .jsonl.gz`);
  if (!status.isFile()) throw new UsageError(`${file}: is no regular file; name a file of vectors, .jsonl or .jsonl.gz`);
  const bytes = createReadStream(file);
  // An error of the file destroys what is read here, which then throws it.
  return file.endsWith('.gz') ? pipeline(bytes, createGunzip(), () => undefined) : bytes;
}

/** Undefined where nothing has this name, also below a file. Throws for what may not be looked at. */
function statusOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}
