/**
 * The stream table of one SMMU: linear, or two levels with second-level arrays of one page each from the memcache. Every entry that is
 * there blocks its stream unless it was attached.
 *
 * Blocked is valid with Config = abort, not invalid: both stop the stream, but an invalid entry lets a device that was detached fill the
 * event queue with C_BAD_STE, and leaves its other words no time at which they are certainly unused.
 */
import { ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { L1Std, L1STD_SIZE, Ste, STE_SIZE } from '#hw-models/smmu-v3/ste';
import type { Invalidations } from './invalidations';
import type { TablePages } from './table-pages';
import type { WalkerMemory } from './walker-memory';

/** Word 0 of a blocked entry. */
export const BLOCKED = Ste.encode({ V: true, Config: 'abort' });

/** log2 of the streams of the largest linear table (4 MiB) and of the entries of the largest first level (1 MiB). */
const LARGEST_LINEAR = 16;
const LARGEST_FIRST_LEVEL = 17;

const FRAME_BYTES = 4096;

/** What the SMMU has to know of a table. */
export interface StreamTableShape {
  readonly base: bigint;
  readonly FMT: 'linear' | 'twoLevel';
  readonly SPLIT: number;
  readonly LOG2SIZE: number;
}

/** What a table is made of. */
export interface StreamTableParts {
  readonly platform: Platform;
  readonly memory: WalkerMemory;
  readonly pages: TablePages;
  /** log2 of the streams of the SMMU, and whether it has two-level tables. */
  readonly sidBits: number;
  readonly twoLevel: boolean;
  readonly invalidations: Invalidations;
}

export class StreamTable {
  readonly shape: StreamTableShape;
  readonly #parts: StreamTableParts;
  readonly #order: number;

  private constructor(parts: StreamTableParts, shape: StreamTableShape, order: number) {
    this.#parts = parts;
    this.shape = shape;
    this.#order = order;
  }

  /** A table that blocks every stream. `ENOMEM`. */
  static create(parts: StreamTableParts): Result<StreamTable> {
    const { platform, memory, sidBits } = parts;
    const split = Math.log2(platform.hypPageBytes() / STE_SIZE);
    const twoLevel = parts.twoLevel && sidBits > split;
    const LOG2SIZE = Math.min(sidBits, twoLevel ? LARGEST_FIRST_LEVEL + split : LARGEST_LINEAR);
    const bytes = twoLevel ? 2 ** (LOG2SIZE - split) * L1STD_SIZE : 2 ** LOG2SIZE * STE_SIZE;
    const order = Math.max(0, Math.ceil(Math.log2(bytes / FRAME_BYTES)));
    const base = platform.pageAlloc({ order, kind: 'device-table' });
    if (!base.ok) return base;
    memory.zeroed(base.value, 2 ** order * FRAME_BYTES);
    const shape: StreamTableShape = { base: base.value, FMT: twoLevel ? 'twoLevel' : 'linear', SPLIT: twoLevel ? split : 0, LOG2SIZE };
    if (!twoLevel) block(memory, base.value, 2 ** LOG2SIZE);
    return ok(new StreamTable(parts, shape, order));
  }

  /** Where the entry of a stream is; undefined when the stream is out of range or has none yet: then it is blocked. */
  find(stream: number): bigint | undefined {
    const { base, FMT, SPLIT } = this.shape;
    if (!this.#has(stream)) return undefined;
    if (FMT === 'linear') return base + BigInt(stream * STE_SIZE);
    const { Span, L2Ptr } = L1Std.of(this.#parts.memory.read(this.#directory(stream)));
    return Span === 0 ? undefined : (L2Ptr << 6n) + BigInt((stream % 2 ** SPLIT) * STE_SIZE);
  }

  /** As `find`, but a missing second level is put there. `ENODEV`: no such stream; `ENOMEM`; or the SMMU does not answer. */
  obtain(stream: number): Result<bigint> {
    if (!this.#has(stream)) return refuse('ENODEV');
    const known = this.find(stream);
    if (known !== undefined) return ok(known);
    const installed = this.#install(stream);
    return installed.ok ? ok(this.find(stream)!) : installed;
  }

  /** Gives the memory back. The SMMU must not use the table any more. */
  release(): void {
    const { platform, memory, pages } = this.#parts;
    const { base, FMT, SPLIT, LOG2SIZE } = this.shape;
    for (let stream = 0; FMT === 'twoLevel' && stream < 2 ** LOG2SIZE; stream += 2 ** SPLIT) {
      const { Span, L2Ptr } = L1Std.of(memory.read(this.#directory(stream)));
      if (Span !== 0) pages.give(L2Ptr << 6n);
    }
    platform.pageFree(base, this.#order);
  }

  /** The new level is complete before anything leads to it; only the descriptor that led nowhere may be cached. */
  #install(stream: number): Result<null> {
    const { memory, pages, invalidations } = this.#parts;
    const { SPLIT } = this.shape;
    const page = pages.take();
    if (!page.ok) return page;
    block(memory, page.value, 2 ** SPLIT);
    memory.order();
    memory.write(this.#directory(stream), L1Std.encode({ L2Ptr: page.value >> 6n, Span: SPLIT + 1 }));
    return invalidations.directory(stream);
  }

  #has(stream: number): boolean {
    return stream < 2 ** this.shape.LOG2SIZE;
  }

  #directory(stream: number): bigint {
    return this.shape.base + BigInt(Math.floor(stream / 2 ** this.shape.SPLIT) * L1STD_SIZE);
  }
}

function block(memory: WalkerMemory, table: bigint, entries: number): void {
  for (let entry = 0; entry < entries; entry++) memory.write(table + BigInt(entry * STE_SIZE), BLOCKED);
}
