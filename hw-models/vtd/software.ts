/** What software does with any VT-d remapping unit: registers, global commands, and descriptors with a wait. For scenes of tests. */
import { wordOf } from '#hw-models/core/address';
import { toWords, type ValuesOf } from '#hw-models/core/bits';
import type { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import { readRegister, writeRegister } from '#hw-models/core/register-access';
import { CcInv, DESCRIPTORS, InvWait, IotlbInv, PcInv, PIotlbInv, type DescriptorName } from '#hw-models/vtd/descriptors';
import { Gcmd, Gsts, Iqa, MAP, Pqa, type RegisterName } from '#hw-models/vtd/registers';

const IOMMU = 0;
const POLL_US = 100;
const PAGE = 4096n;
/** What a wait writes. */
const DONE = 1;

/** Switches of GCMD, by their status. */
const SWITCHES = { TE: 'TES', QIE: 'QIES' } as const;

/** The only CPU of a machine with one remapping unit. */
export class Software {
  readonly machine: Machine;
  readonly port: Port;
  /** Where the invalidation queue lies, of one page. */
  readonly queue: bigint;
  /** Where waits write to. */
  readonly status: bigint;
  readonly #wide: boolean;
  #tail = 0;

  /** Gives the queue memory. @param wide Descriptors have 256 bits. */
  constructor(machine: Machine, wide: boolean) {
    this.machine = machine;
    this.port = new Port(machine);
    this.#wide = wide;
    this.queue = this.pages('queue', Number(PAGE));
    this.status = this.pages('completion', Number(PAGE));
  }

  /** Pages of the driver's, enough for `bytes`. */
  pages(kind: string, bytes: number): bigint {
    const order = Math.max(0, Math.ceil(Math.log2(bytes / Number(PAGE))));
    const pages = this.port.pageAlloc({ order, kind });
    if (!pages.ok) throw new Error('no pages');
    return pages.value;
  }

  /** Switches the invalidation queue on. */
  enableQueue(): void {
    this.#tail = 0;
    this.write('IQT', 0n);
    this.write('IQA', Iqa.encode({ IQA: Number(this.queue / PAGE), DW: this.#wide }));
    this.command({ QIE: true });
  }

  /** Gives page requests a queue of one page. @returns Where it lies. */
  enablePageRequests(): bigint {
    const pages = this.pages('queue', Number(PAGE));
    this.write('PQH', 0n);
    this.write('PQT', 0n);
    this.write('PQA', Pqa.encode({ PQA: Number(pages / PAGE) }));
    return pages;
  }

  /** Gives a global command and waits for it. */
  command(change: Partial<ValuesOf<(typeof Gcmd)['fields']>>): void {
    this.begin(change);
    this.settle();
  }

  /** Gives a global command. */
  begin(change: Partial<ValuesOf<(typeof Gcmd)['fields']>>): void {
    const status = Gsts.of(this.peekRegister('GSTS'));
    const now = Object.fromEntries(Object.entries(SWITCHES).map(([name, of]) => [name, status[of]]));
    this.write('GCMD', Gcmd.encode({ ...now, ...change }));
  }

  /** Looks at GSTS: what is on its way takes effect. */
  settle(): void {
    this.read('GSTS');
  }

  read(register: RegisterName): bigint {
    return readRegister(this.port, IOMMU, MAP[register]);
  }

  write(register: RegisterName, value: bigint): void {
    writeRegister(this.port, IOMMU, MAP[register], value);
  }

  /** Not as software looks at it: that would let the hardware go on. */
  peekRegister(register: RegisterName): bigint {
    const { at, layout } = MAP[register];
    return this.machine.instance(IOMMU).hardware.mmioRead(at, layout.width === 32 ? 32 : 64);
  }

  /** Puts descriptors into the queue and tells the hardware. */
  submit(...descriptors: readonly bigint[]): void {
    const words = this.#wide ? 4 : 2;
    const slots = 512 / words;
    for (const descriptor of descriptors) {
      this.store(this.queue + BigInt(this.#tail * words * 8), toWords(descriptor, words));
      this.#tail = (this.#tail + 1) % slots;
    }
    this.port.barrier();
    this.write('IQT', BigInt(this.#tail * words * 8));
  }

  /** Submits descriptors and a wait, and waits. @returns Whether its status was written. */
  waits(...descriptors: readonly bigint[]): boolean {
    this.poke(this.status, 0n);
    this.submit(...descriptors, wait(this.status));
    for (let tries = 0; tries < TRIES; tries++) {
      if (this.port.read64(this.status) === BigInt(DONE)) return true;
      this.port.delay(POLL_US);
    }
    return false;
  }

  /** The same; throws unless it completes. */
  complete(...descriptors: readonly bigint[]): void {
    if (!this.waits(...descriptors)) throw new Error('the status of inv_wait_dsc was not written');
  }

  /** Stores words from an address on. */
  store(at: bigint, words: readonly bigint[]): void {
    words.forEach((word, n) => {
      this.port.write64(at + BigInt(n * 8), word);
    });
  }

  /** A word as memory has it. */
  peek(address: bigint): bigint {
    return this.machine.memory.get(wordOf(address));
  }

  /** Stores a word, ordered at once. */
  poke(address: bigint, value: bigint): void {
    this.port.write64(address, value);
    this.port.barrier();
  }
}

const TRIES = 4;

/** A descriptor with its type. */
const typed =
  <Values>(name: DescriptorName, encode: (values: Values & { readonly type: number }) => bigint) =>
  (values: Values): bigint =>
    encode({ ...values, type: DESCRIPTORS[name].type });

/** Writes 1 to an address. */
export const wait = (address: bigint, more: Partial<ValuesOf<(typeof InvWait)['fields']>> = {}): bigint =>
  InvWait.encode({ type: DESCRIPTORS.inv_wait.type, SW: true, address: address / 4n, data: DONE, ...more });
export const ccInv = typed<Partial<ValuesOf<(typeof CcInv)['fields']>>>('cc_inv', CcInv.encode);
export const iotlbInv = typed<Partial<ValuesOf<(typeof IotlbInv)['fields']>>>('iotlb_inv', IotlbInv.encode);
export const pIotlbInv = typed<Partial<ValuesOf<(typeof PIotlbInv)['fields']>>>('p_iotlb_inv', PIotlbInv.encode);
export const pcInv = typed<Partial<ValuesOf<(typeof PcInv)['fields']>>>('pc_inv', PcInv.encode);

/** Drops everything, in an order in which nothing is filled again from what is older. */
export const INVALIDATE_ALL: readonly bigint[] = [ccInv({ G: 'global' }), pcInv({ G: 'global' }), iotlbInv({ G: 'global' })];
