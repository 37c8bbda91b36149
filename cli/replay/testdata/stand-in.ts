/** For tests: a witness that answers as it is told, and a small configuration. */
import type { Answer } from '#hw-models/riscv-iommu/request';
import { NotModelled } from '#hw-models/core/errors';
import type { Model, Witness } from '../models';
import type { Configuration, VectorRecord, VectorRequest, VectorResponse } from '../vectors';

export interface Told {
  /** In the order of the requests; a text is what is not modelled. */
  readonly answers?: readonly (Answer | string)[];
  readonly records?: readonly bigint[];
  /** What the requests change in memory. */
  readonly changes?: readonly (readonly [address: bigint, word: bigint])[];
}

const REGISTERS: readonly string[] = ['fqb', 'fqcsr', 'ddtp'];

/** @param told By the configuration's capabilities. */
export const standIn = ({ answers = [], records = [], changes = [] }: Told = {}): Model['begin'] =>
  ({ pas }): Witness => {
    if (pas === 0) throw new RangeError('PAS is not 1 to 56');
    const memory = new Map<bigint, bigint>();
    const left = [...answers];
    return {
      write: (register) => {
        if (!REGISTERS.includes(register)) throw new RangeError(`no register is called ${register}`);
      },
      store: (address, word) => void memory.set(address, word),
      load: (address) => memory.get(address) ?? 0n,
      translate: () => {
        for (const [address, word] of changes) memory.set(address, word);
        const answer = left.shift();
        if (answer === undefined) throw new Error('the stand-in was not told what to answer');
        if (typeof answer === 'string') throw new NotModelled(answer);
        return answer;
      },
      records: () => records,
    };
  };

export const TRANSLATED: Answer & { readonly kind: 'translated' } = {
  ...{ kind: 'translated', pa: 0x5000n, sizeLog2: 12, prot: 0, memoryType: 'PMA', bypassed: false, msi: false },
};

export const REQUEST: VectorRequest = { did: '0x5', iova: '0x40202000', acc: 'r', at: 'u' };
export const OK: VectorResponse = { st: 'ok', pa: '0x5000', size: '0x1000', pbmt: 0 };
export const RECORD: VectorRecord = { cause: 13, did: 5, pv: 1, pid: 3, priv: 1, ttyp: 2, iotval: '0x40202123', iotval2: '0x0' };

/** One request, to which the stand-in answers `TRANSLATED`. */
export const SAMPLE: Configuration = {
  id: 'sample.0',
  caps: { version: 16, sv39: 1, pas: 56 },
  regs: [['ddtp', '0x402']],
  mem: [
    ['0x1000', '0x1'],
    ['0x1008', '0x2'],
  ],
  req: [REQUEST],
  rsp: [OK],
  fq: [],
  memafter: [],
};
