/** One configuration on a witness, and where what it does is not what the vectors say. */
import { NotModelled, UnspecifiedBehaviour, unreachable } from '#hw-models/core/errors';
import { hex } from '#hw-models/core/hex';
import { FaultRecord } from '#hw-models/riscv-iommu/fault-record';
import type { Answer, Inbound } from '#hw-models/riscv-iommu/request';
import type { Witness } from './models';
import { comparedOf } from './vectors';
import type { Configuration, VectorRecord, VectorRequest, VectorResponse } from './vectors';

/** One thing that is not as expected. */
export interface Difference {
  /** What differs, such as `request 3 of 8`. */
  readonly what: string;
  /** The request as the vectors have it. */
  readonly request?: string;
  readonly expected: string;
  readonly found: string;
  /** The paragraph of the specification that decides for what was found, wherever this difference is met. */
  readonly paragraph?: string;
}

type Facts = Readonly<Record<string, string | number | bigint | undefined>>;

/** Plays a configuration from reset on. What the model leaves out differs, whatever was expected. */
export function play(begin: () => Witness, configuration: Configuration): readonly Difference[] {
  const { regs, mem, req, rsp, fq } = configuration;
  try {
    const witness = begin();
    for (const [address, value] of mem) witness.store(BigInt(address), BigInt(value));
    for (const [register, value] of regs) witness.write(register, BigInt(value));
    const answers = req.flatMap((request, index) => {
      const expected = expectedOf(rsp[index]!);
      const { facts, otherwise } = answered(witness, request);
      const difference = differing(expected, facts);
      if (difference === undefined) return [];
      const decided = otherwise !== undefined && differing(expected, otherwise.facts) === undefined;
      return [
        {
          what: `request ${index + 1} of ${req.length}`,
          request: JSON.stringify(request),
          ...difference,
          ...(decided && { paragraph: otherwise.paragraph }),
        },
      ];
    });
    return [...answers, ...recordsThatDiffer(fq, witness.records()), ...wordsThatDiffer(configuration, witness)];
  } catch (error) {
    return [{ what: 'the configuration', expected: 'answers', found: leftOut(error) }];
  }
}

/** Why there is no answer. Throws everything that is not about what the model covers. */
function leftOut(error: unknown): string {
  if (error instanceof NotModelled || error instanceof UnspecifiedBehaviour) return error.message;
  throw error;
}

function differing(expected: Facts | undefined, found: Facts | undefined): Pick<Difference, 'expected' | 'found'> | undefined {
  const same = expected && found && Object.entries(expected).every(([key, value]) => found[key] === value);
  return same ? undefined : { expected: show(expected), found: show(found) };
}

const show = (facts: Facts | undefined): string =>
  facts === undefined
    ? 'none'
    : Object.entries(facts)
        .map(([key, value]) => `${key} ${typeof value === 'bigint' ? hex(value) : value}`)
        .join(', ');

// Answers to requests

const WORDS: readonly (keyof VectorResponse)[] = ['pa', 'size', 'mrif_addr'];

const expectedOf = (response: VectorResponse): Facts =>
  Object.fromEntries(
    comparedOf(response).map((key) => [key, WORDS.includes(key) ? BigInt(response[key] as string) : response[key]] as const),
  );

/** What the model answers, and what it would have to answer for the vectors to be right against a paragraph of the specification. */
interface Answered {
  readonly facts: Facts;
  readonly otherwise?: { readonly facts: Facts; readonly paragraph: string };
}

function answered(witness: Witness, request: VectorRequest): Answered {
  try {
    const answer = witness.translate(inboundOf(request));
    const facts = factsOf(answer);
    return answer.kind === 'ats' && answer.physical !== answer.address
      ? { facts, otherwise: { facts: { ...facts, pa: answer.physical }, paragraph: GUEST_ADDRESS } }
      : { facts };
  } catch (error) {
    return { facts: { st: `none, ${leftOut(error)}` } };
  }
}

const GUEST_ADDRESS =
  'RISC-V IOMMU 1.0, "Translation control (tc)": with T2GPA the response to an ATS Translation Request has the guest physical address';

const ACCESS = { r: 'read', w: 'write', x: 'execute' } as const;
const TYPE = { u: 'untranslated', t: 'translated', a: 'ats' } as const;

const inboundOf = ({ did, pid, priv = 0, iova, acc, at, nw = 0 }: VectorRequest): Inbound => ({
  deviceId: Number(did),
  processId: pid === undefined ? undefined : Number(pid),
  privileged: priv === 1,
  iova: BigInt(iova),
  access: ACCESS[acc],
  type: TYPE[at],
  ...(at === 'a' && { noWrite: nw === 1 }),
});

const MEMORY_TYPE = { PMA: 0, NC: 1, IO: 2 } as const;
const RESPONSE = { 'unsupported-request': 'ur', 'completer-abort': 'ca' } as const;
const BARE_BYTES = 0x1000n;

/** An answer of the model in the words of the vectors. */
function factsOf(answer: Answer): Facts {
  switch (answer.kind) {
    case 'translated': {
      const { pa, sizeLog2, memoryType, bypassed } = answer;
      return { st: 'ok', pa, size: bypassed ? BARE_BYTES : bytes(sizeLog2), pbmt: MEMORY_TYPE[memoryType] };
    }
    case 'interrupt-file':
      return { st: 'ok', mrif: 1, mrif_addr: answer.file, mrif_nid: answer.noticeId };
    case 'ats': {
      const { address, sizeLog2, read, write, execute } = answer;
      return { st: 'ok', R: Number(read), W: Number(write), X: Number(execute), pa: address, size: bytes(sizeLog2) };
    }
    case 'refused':
      return { st: RESPONSE[answer.response], cause: answer.cause };
    default:
      return unreachable(answer);
  }
}

const bytes = (sizeLog2: number): bigint => 2n ** BigInt(sizeLog2);

// Fault records

/** Causes of guest-page faults, of a read, a load and a store. */
const GUEST_PAGE_FAULTS: readonly number[] = [20, 21, 23];
/** What an implementation may report as 0: the offset in the page, of a guest-page fault. */
const OFFSET = 0xfffn;
/** The same of the guest's address; what is below says what the access was for. */
const GUEST_OFFSET = 0xffcn;

function recordsThatDiffer(expected: readonly VectorRecord[], records: readonly bigint[]): readonly Difference[] {
  return Array.from({ length: Math.max(expected.length, records.length) }).flatMap((_, index) => {
    const [listed, left] = [expected[index], records[index]];
    const difference = differing(listed && listedFacts(listed), left === undefined ? undefined : recordFacts(left));
    return difference === undefined ? [] : [{ what: `fault record ${index + 1}`, ...difference }];
  });
}

function listedFacts({ cause, iotval, iotval2, ...fields }: VectorRecord): Facts {
  return { cause, ...fields, ...masked(cause, BigInt(iotval), BigInt(iotval2)) };
}

function recordFacts(raw: bigint): Facts {
  const { CAUSE: cause, DID: did, PV, PID: pid, PRIV, TTYP: ttyp, iotval, iotval2 } = FaultRecord.of(raw);
  return { cause, did, pv: Number(PV), pid, priv: Number(PRIV), ttyp, ...masked(cause, iotval, iotval2) };
}

const masked = (cause: number, iotval: bigint, iotval2: bigint): Facts => ({
  iotval: iotval & ~(GUEST_PAGE_FAULTS.includes(cause) ? OFFSET : 0n),
  iotval2: iotval2 & ~GUEST_OFFSET,
});

// Memory

/** Of the words of the configuration, those change that are said to, and no others. */
function wordsThatDiffer({ mem, memafter }: Configuration, witness: Witness): readonly Difference[] {
  const changed = new Map(memafter.map(([address, after]) => [BigInt(address), after]));
  return mem.flatMap(([text, before]) => {
    const address = BigInt(text);
    const difference = differing({ word: BigInt(changed.get(address) ?? before) }, { word: witness.load(address) });
    return difference === undefined ? [] : [{ what: `memory at ${hex(address)} after the requests`, ...difference }];
  });
}
