/** Translation tables of either stage, made entry by entry. For scenes of tests and benchmarks. */
import type { ValuesOf } from '#hw-models/core/bits';
import { Pte, SCHEMES, type SchemeName } from '#hw-models/riscv-iommu/tables';
import type { Software } from '#hw-models/riscv-iommu/software';

/** Fields of an entry. */
export type PteValues = Partial<ValuesOf<(typeof Pte)['fields']>>;

/** A page that everybody may use in every way, and has used. */
export const PAGE_ENTRY: PteValues = { V: true, R: true, W: true, X: true, U: true, A: true, D: true };

const PAGE = 4096n;
const PAGE_SHIFT = 12;
const INDEX_BITS = 9;

/** What differs from tables at the addresses that their entries say. */
export interface SceneTablesOptions {
  /** What is subtracted from physical addresses in entries: tables of a guest lie lower in its own memory. */
  readonly offset?: bigint;
}

/** The tables of one stage. */
export class SceneTables {
  readonly scheme: SchemeName;
  /** Physical. */
  readonly root: bigint;
  readonly #software: Software;
  readonly #offset: bigint;
  /** Tables below the root, by level and the addresses that they are for. */
  readonly #tables = new Map<string, bigint>();

  constructor(software: Software, scheme: SchemeName, { offset = 0n }: SceneTablesOptions = {}) {
    this.#software = software;
    this.scheme = scheme;
    this.#offset = offset;
    this.root = software.pages('page-table', SCHEMES[scheme].rootEntries * 8);
  }

  /** Of the root, as iosatp or iohgatp has it. */
  get PPN(): number {
    return Number((this.root - this.#offset) / PAGE);
  }

  /** Where the tables lie, the root first. */
  get tables(): readonly bigint[] {
    return [this.root, ...this.#tables.values()];
  }

  /**
   * Maps `address` by an entry of a level, 0 the last. @param output Of the entry, a multiple of 4 KiB; what is left of `values` is as in
   * `PAGE_ENTRY`. @returns The entry's physical address.
   */
  map(address: bigint, output: bigint, values: PteValues = {}, level = 0): bigint {
    return this.set(address, Pte.encode({ ...PAGE_ENTRY, PPN: Number(output / PAGE), ...values }), level);
  }

  /** Stores an entry as it is. @returns Its physical address. */
  set(address: bigint, raw: bigint, level = 0): bigint {
    const at = this.entryOf(address, level);
    this.#software.port.write64(at, raw);
    this.#software.port.barrier();
    return at;
  }

  /** Where the entry for an address is at a level. Tables are made on the way. */
  entryOf(address: bigint, level = 0): bigint {
    const { levels, rootEntries, inputBits } = SCHEMES[this.scheme];
    const input = BigInt.asUintN(inputBits, address);
    let table = this.root;
    for (let above = levels - 1; ; above--) {
      const index = (input / sizeOf(above)) % BigInt(above === levels - 1 ? rootEntries : 2 ** INDEX_BITS);
      const entry = table + index * 8n;
      if (above === level) return entry;
      table = this.#below(above, input / sizeOf(above), entry);
    }
  }

  #below(level: number, prefix: bigint, entry: bigint): bigint {
    const key = `${level} ${prefix}`;
    let table = this.#tables.get(key);
    if (table === undefined) {
      table = this.#software.pages('page-table', Number(PAGE));
      this.#tables.set(key, table);
      this.#software.port.write64(entry, Pte.encode({ V: true, PPN: Number((table - this.#offset) / PAGE) }));
    }
    return table;
  }
}

/** Bytes that an entry of a level maps. */
const sizeOf = (level: number): bigint => 2n ** BigInt(PAGE_SHIFT + INDEX_BITS * level);
