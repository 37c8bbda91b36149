/**
 * The root table of one remapping unit and the context tables below it, built down to the entries of the devices that are probed. Tables
 * stay until the end; an entry that nobody set is not present.
 */
import { ok, refuse, type Result } from '#drivers/contract/driver';
import type { TableMemory } from '#drivers/parts/page-table';
import { CONTEXT_WORDS, CONTEXTS_PER_TABLE, ROOT_WORDS, ScalableRootHalf } from '#hw-models/vtd/structures';

const PAGE = 4096n;
const WORD_BYTES = 8;
const IDS_PER_BUS = 256;
const BUSES = 256;

export class ContextTables {
  /** Physical address. */
  readonly root: bigint;
  readonly mode: 'legacy' | 'scalable';
  readonly #memory: TableMemory;

  private constructor(memory: TableMemory, mode: 'legacy' | 'scalable', root: bigint) {
    this.#memory = memory;
    this.mode = mode;
    this.root = root;
  }

  /** Empty tables: every device is blocked. `ENOMEM`. */
  static create(memory: TableMemory, mode: 'legacy' | 'scalable'): Result<ContextTables> {
    const root = memory.pageAlloc({ order: 0, kind: 'device-table' });
    return root.ok ? ok(new ContextTables(memory, mode, root.value)) : root;
  }

  /** Words of an entry. */
  get words(): number {
    return CONTEXT_WORDS[this.mode];
  }

  /** Where the entry of a source-id is. `ENODEV`: the id is too wide. `ENOMEM`. */
  obtain(id: number): Result<bigint> {
    if (id >= BUSES * IDS_PER_BUS) return refuse('ENODEV');
    const table = this.#tableAt(this.#rootWordOf(id));
    if (!table.ok) return table;
    return ok(table.value + BigInt((id % CONTEXTS_PER_TABLE[this.mode]) * this.words * WORD_BYTES));
  }

  /** Gives the tables back. The hardware must not use them any more. */
  release(): void {
    for (let word = 0; word < BUSES * ROOT_WORDS; word++) {
      const { P, CTP } = ScalableRootHalf.of(this.#memory.read64(this.root + BigInt(word * WORD_BYTES)));
      if (P) this.#memory.pageFree(BigInt(CTP) * PAGE, 0);
    }
    this.#memory.pageFree(this.root, 0);
  }

  /** Each half of a scalable-mode entry, and the lower half of a legacy one, lead to a table in the same form. */
  #rootWordOf(id: number): bigint {
    const half = this.mode === 'legacy' ? 0 : Math.floor((id % IDS_PER_BUS) / CONTEXTS_PER_TABLE.scalable);
    return this.root + BigInt((Math.floor(id / IDS_PER_BUS) * ROOT_WORDS + half) * WORD_BYTES);
  }

  #tableAt(at: bigint): Result<bigint> {
    const { P, CTP } = ScalableRootHalf.of(this.#memory.read64(at));
    if (P) return ok(BigInt(CTP) * PAGE);
    const table = this.#memory.pageAlloc({ order: 0, kind: 'device-table' });
    if (!table.ok) return table;
    // The hardware must not find in the table what was in its page before.
    this.#memory.barrier();
    this.#memory.write64(at, ScalableRootHalf.encode({ CTP: Number(table.value / PAGE), P: true }));
    this.#memory.barrier();
    return table;
  }
}
