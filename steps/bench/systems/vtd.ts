/** Intel VT-d: first stages as guests hand them in, contexts and PASID table entries as memory has them, invalidations of ranges. */
import {
  HW_INFO,
  HW_INFO_VTD_ERRATA_772415_SPR17,
  HWPT_DATA,
  HwInfoVtd,
  HwptVtdS1,
  HwptVtdS1Flags,
  HwptVtdS1Invalidate,
  INVALIDATE_DATA,
  VTD_INV_FLAGS_LEAF,
} from '#drivers/contract/uapi';
import { fromWords, type AnyLayout } from '#hw-models/core/bits';
import type { VtdIommu } from '#hw-models/vtd/iommu';
import { FsPte } from '#hw-models/vtd/pte';
import { MAP } from '#hw-models/vtd/registers';
import {
  CONTEXT_WORDS,
  ContextEntry,
  CONTEXTS_PER_TABLE,
  PASID_WORDS,
  PasidDirectoryEntry,
  PasidEntry,
  PASIDS_PER_TABLE,
  ROOT_WORDS,
  RootEntry,
  ScalableContextEntry,
} from '#hw-models/vtd/structures';
import { number } from '../../literals';
import type { Bench } from '../bench';
import { NotTested } from '../outcomes';
import { littleEndian, saidOf, withField, type Asked, type Context, type Origin, type System } from './system';

const BYTES = HwptVtdS1.width / 8;
const ENTRY_BYTES = HwptVtdS1Invalidate.width / 8;
/** First bit of `__reserved`, which no layout lets anybody encode, in both structures of the user. */
const RESERVED_BIT = 160n;
const ADDRESS_WIDTH = 48;
const WORDS_PER_FRAME = 512;
const BUS_SIZE = 256;

/** Names of flags, or a number. */
function flagsOf(layout: AnyLayout | undefined, value: string): string {
  if (/^\d/.test(value)) return value;
  if (layout === undefined) return value === 'LEAF' ? `${VTD_INV_FLAGS_LEAF}` : value;
  return `${layout.encode(Object.fromEntries(value.split(' ').map((name) => [name, true])))}`;
}

function withValue(layout: AnyLayout, flags: AnyLayout | undefined, raw: bigint, name: string, value: string): bigint {
  if (name === '__reserved') return raw + BigInt(number(value)) * 2n ** RESERVED_BIT;
  return withField(layout, raw, name, name === 'flags' ? flagsOf(flags, value) : value);
}

/** Words of an entry of a table that begins in a frame. */
const entryAt = ({ machine }: Bench, frame: number, index: number, words: number): bigint =>
  fromWords(Array.from({ length: words }, (_none, word) => machine.memory.get(frame * WORDS_PER_FRAME + index * words + word)));

/** Where the tables in memory lead for an id, and a PASID of it or that of requests without one. */
function contextOf(bench: Bench, { iommu, id, pasid }: Origin): Context {
  const { hardware } = bench.machine.instance(iommu);
  const { RTA, TTM } = MAP.RTADDR.layout.of(hardware.mmioRead(MAP.RTADDR.at, 64));
  const bus = Math.floor(id / BUS_SIZE);
  const root = entryAt(bench, Number(RTA), bus, ROOT_WORDS);
  if (TTM === 'legacy') {
    const context = entryAt(bench, present(RootEntry.of(root), 'root').CTP, id % BUS_SIZE, CONTEXT_WORDS.legacy);
    return { context: ContextEntry.of(context) };
  }
  const half = id % BUS_SIZE < CONTEXTS_PER_TABLE.scalable ? root : root / 2n ** 64n;
  const { CTP } = present(RootEntry.of(BigInt.asUintN(64, half)), 'root');
  const context = ScalableContextEntry.of(entryAt(bench, CTP, id % CONTEXTS_PER_TABLE.scalable, CONTEXT_WORDS.scalable));
  const number = pasid ?? present(context, 'context').RID_PASID;
  const directory = PasidDirectoryEntry.of(entryAt(bench, context.PASIDDIRPTR, Math.floor(number / PASIDS_PER_TABLE), 1));
  if (!directory.P) return { context, pasid: PasidEntry.of(0n) };
  return { context, pasid: PasidEntry.of(entryAt(bench, directory.SMPTBLPTR, number % PASIDS_PER_TABLE, PASID_WORDS)) };
}

function present<T extends { readonly P: boolean }>(entry: T, what: string): T {
  if (!entry.P) throw new NotTested(`setup: the ${what} entry of the device is not present`);
  return entry;
}

/** A "Page Request" message; with no right and the last of its group, a "Stop Marker". */
function asksForPage({ machine }: Bench, { sender: { device, pasid }, ...wish }: Asked): void {
  const [requester] = machine.requestersWith(device, pasid);
  const { iommu, id } = machine.requesters[requester!]!;
  const { hardware, sight } = machine.instance(iommu);
  (hardware as VtdIommu).requestPage({ id, pasid, ...wish }, sight.configuration(requester!));
}

export const VTD: System = {
  asksForPage,
  snoops: true,
  without: { depth: { FL5LP: false, SAGAW: [39, 48], MGAW: 48 }, dirtyPages: { SLADS: false }, coherency: { SC: false } },
  entries: { everything: ['npages 0xffff_ffff_ffff_ffff'], malformed: ['addr 0x800', 'npages 1'] },
  hardwareInfo: (hardware) => {
    const [cap_reg, ecap_reg] = [hardware.mmioRead(MAP.CAP.at, 64), hardware.mmioRead(MAP.ECAP.at, 64)];
    const info = HwInfoVtd.encode({ flags: HW_INFO_VTD_ERRATA_772415_SPR17, cap_reg, ecap_reg });
    return { type: HW_INFO.INTEL_VTD, bytes: littleEndian(info, HwInfoVtd.width / 8) };
  },
  contextOf,
  guest: {
    levels: 4,
    table: (ADDR) => FsPte.encode({ P: true, RW: true, US: true, ADDR }),
    leaf: (ADDR) => FsPte.encode({ P: true, RW: true, US: true, ADDR }),
  },
  nestedData: (pgtbl_addr, rows) => {
    const { data, rest } = saidOf({ type: HWPT_DATA.VTD_S1, bytes: [] }, rows);
    const raw = rest.reduce(
      (context, [name = '', value = '']) => withValue(HwptVtdS1, HwptVtdS1Flags, context, name, value),
      HwptVtdS1.encode({ pgtbl_addr, addr_width: ADDRESS_WIDTH }),
    );
    return { ...data, bytes: littleEndian(raw, BYTES) };
  },
  invalidation: { type: INVALIDATE_DATA.VTD_S1, length: ENTRY_BYTES },
  entry: (cells) =>
    littleEndian(
      cells
        .filter((cell) => cell !== '')
        .map((cell) => cell.split(' '))
        .reduce((raw, [name = '', value = '1']) => withValue(HwptVtdS1Invalidate, undefined, raw, name, value), 0n),
      ENTRY_BYTES,
    ),
};
