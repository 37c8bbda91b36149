/** MSIs of a guest's device: recognised by their guest physical address, and sent where an MSI page table says. */
import type { MemoryMap } from '#hw-models/core/memory-map';
import type { EntryReader } from '#hw-models/core/walk';
import { fromHalves } from '#hw-models/core/bits';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { MsiBasic, MsiFile, MsiNotice } from '#hw-models/riscv-iommu/contexts';
import type { Interrupts } from '#hw-models/riscv-iommu/device-context';
import { Fault } from '#hw-models/riscv-iommu/fault';

const WORDS_PER_FRAME = 512;
const MSI_PTE_WORDS = 2;
const FILE_BYTES = 512n;

/** Where an MSI goes. */
export type MsiTarget =
  | { readonly kind: 'basic'; /** Physical. */ readonly frame: number }
  | { readonly kind: 'file'; readonly file: bigint; readonly notice: bigint; readonly noticeId: number };

/** Whether a guest frame is that of a virtual interrupt file. @spec RISCV-IOMMU "MSI address mask (`msi_addr_mask`) and pattern (`msi_addr_pattern`)" */
export const isInterruptFile = ({ mask, pattern }: Interrupts, frame: bigint): boolean => (frame & ~mask) === (pattern & ~mask);

/** The bits of `x` at the places where `mask` has ones, packed together. @spec RISCV-IOMMU "Process to translate addresses of MSIs" */
export function extract(x: bigint, mask: bigint): bigint {
  let packed = 0n;
  let to = 0n;
  for (let from = 0n; mask >> from !== 0n; from++) {
    if (((mask >> from) & 1n) === 0n) continue;
    packed |= ((x >> from) & 1n) << to++;
  }
  return packed;
}

/** The first word of the MSI PTE for a guest frame: the table's address OR the offset. @spec RISCV-IOMMU "Process to translate addresses of MSIs" */
function msiPteWord({ msiptp, mask }: Interrupts, frame: bigint): number {
  const table = BigInt(msiptp.PPN) * BigInt(WORDS_PER_FRAME);
  return Number(table | (extract(frame, mask) * BigInt(MSI_PTE_WORDS)));
}

/** Reads MSI page tables for one IOMMU. */
export class MsiTables {
  readonly #part: Capabilities;
  readonly #map: MemoryMap;

  constructor(part: Capabilities, map: MemoryMap) {
    this.#part = part;
    this.#map = map;
  }

  /** @spec RISCV-IOMMU "Process to translate addresses of MSIs" */
  translate(msi: Interrupts, frame: bigint, memory: EntryReader): MsiTarget | Fault {
    const word = msiPteWord(msi, frame);
    if (this.#map.refuses(word)) return new Fault(261);
    const raw = fromHalves(memory.low(word), memory.high(word));
    const { V, C, M } = MsiBasic.of(raw);
    if (!V) return new Fault(262);
    // C hands the entry to the implementation; this one has no use for it.
    if (C || M === 'reserved') return new Fault(263);
    if (M === 'basic') return MsiBasic.hasReserved(raw) ? new Fault(263) : { kind: 'basic', frame: MsiBasic.of(raw).PPN };
    return this.#file(raw, fromHalves(memory.low(word + 1), memory.high(word + 1)));
  }

  #file(raw: bigint, second: bigint): MsiTarget | Fault {
    if (!this.#part.MSI_MRIF || MsiFile.hasReserved(raw) || MsiNotice.hasReserved(second)) return new Fault(263);
    const { N10, N, NPPN } = MsiNotice.of(second);
    return {
      kind: 'file',
      file: BigInt(MsiFile.of(raw).file) * FILE_BYTES,
      notice: BigInt(NPPN) * 4096n,
      noticeId: N10 * 1024 + N,
    };
  }
}

/** The words of an MSI page table, first and number: as many entries as the mask lets addresses differ. */
export function msiTableExtent({ msiptp, mask }: Interrupts): readonly [word: number, words: number] {
  let entries = 1;
  for (let rest = mask; rest !== 0n; rest &= rest - 1n) entries *= 2;
  return [msiptp.PPN * WORDS_PER_FRAME, Math.min(entries, MOST_ENTRIES) * MSI_PTE_WORDS];
}
/** A mask may leave any number of bits open; more interrupt files than this nobody has. */
const MOST_ENTRIES = 4096;
