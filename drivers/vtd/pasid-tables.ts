/** The PASID directory of one device, and the PASID tables below it, built down to the PASIDs that are used. They stay until it is released. */
import { ok, type Result } from '#drivers/contract/driver';
import type { TableMemory } from '#drivers/parts/page-table';
import { PASID_WORDS, PasidDirectoryEntry, PASIDS_PER_TABLE, SMALLEST_DIRECTORY_LOG2 } from '#hw-models/vtd/structures';

const PAGE = 4096n;
const WORD_BYTES = 8;
const ENTRIES_PER_PAGE_LOG2 = 9;

interface Directory {
  /** Physical address. */
  readonly base: bigint;
  readonly order: number;
  /** log2 of its entries, less 7. */
  readonly size: number;
}

export class PasidTables {
  readonly #memory: TableMemory;
  readonly #device: number;
  readonly #directory: Directory;
  /** Physical addresses. */
  readonly #tables: bigint[] = [];

  private constructor(memory: TableMemory, device: number, directory: Directory) {
    this.#memory = memory;
    this.#device = device;
    this.#directory = directory;
  }

  /** `ENOMEM`. @param device Handle of the device whose pages they are. @param bits Of its PASIDs. */
  static create(memory: TableMemory, device: number, bits: number): Result<PasidTables> {
    const entriesLog2 = Math.max(bits - Math.log2(PASIDS_PER_TABLE), SMALLEST_DIRECTORY_LOG2);
    const order = Math.max(entriesLog2 - ENTRIES_PER_PAGE_LOG2, 0);
    const base = memory.pageAlloc({ order, owner: { kind: 'device', handle: device }, kind: 'context-table' });
    if (!base.ok) return base;
    return ok(new PasidTables(memory, device, { base: base.value, order, size: entriesLog2 - SMALLEST_DIRECTORY_LOG2 }));
  }

  /** What a context entry says of the directory. */
  get pointer(): { readonly PASIDDIRPTR: number; readonly PDTS: number } {
    return { PASIDDIRPTR: Number(this.#directory.base / PAGE), PDTS: this.#directory.size };
  }

  /** Where the entry of a PASID is. `ENOMEM`. */
  obtain(pasid: number): Result<bigint> {
    const table = this.#tableAt(this.#directory.base + BigInt(Math.floor(pasid / PASIDS_PER_TABLE) * WORD_BYTES));
    return table.ok ? ok(table.value + BigInt((pasid % PASIDS_PER_TABLE) * PASID_WORDS * WORD_BYTES)) : table;
  }

  /** Gives everything back. Nothing may lead here any more. */
  release(): void {
    for (const table of this.#tables) this.#memory.pageFree(table, 0);
    this.#memory.pageFree(this.#directory.base, this.#directory.order);
  }

  #tableAt(at: bigint): Result<bigint> {
    const { P, SMPTBLPTR } = PasidDirectoryEntry.of(this.#memory.read64(at));
    if (P) return ok(BigInt(SMPTBLPTR) * PAGE);
    const table = this.#memory.pageAlloc({ order: 0, owner: { kind: 'device', handle: this.#device }, kind: 'context-table' });
    if (!table.ok) return table;
    this.#tables.push(table.value);
    // The hardware must not find in the table what was in its page before.
    this.#memory.barrier();
    this.#memory.write64(at, PasidDirectoryEntry.encode({ SMPTBLPTR: Number(table.value / PAGE), P: true }));
    this.#memory.barrier();
    return table;
  }
}
