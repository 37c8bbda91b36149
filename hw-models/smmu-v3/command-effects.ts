/**
 * What each command does, as a table. A command is illegal when this part has no such command, when a parameter has no meaning, or
 * when a reserved bit is set: the last is our choice of two that the specification leaves.
 *
 * Nothing of stage 1, of EL2 or of Context descriptors is ever cached here, so commands that select only such entries do nothing.
 */
import type { Fields, Layout, View } from '#hw-models/core/bits';
import { framesOf } from '#hw-models/core/walk';
import type { Capabilities } from '#hw-models/smmu-v3/capabilities';
import {
  CfgiCd,
  CfgiCdAll,
  CfgiSte,
  CfgiSteRange,
  PrefetchAddr,
  PrefetchConfig,
  Resume,
  StallTerm,
  Sync,
  TlbiAll,
  TlbiAsid,
  TlbiEl2Va,
  TlbiNhAsid,
  TlbiNhVa,
  TlbiNhVaa,
  TlbiS2Ipa,
  TlbiVaa,
  TlbiVmid,
  type CommandName,
} from '#hw-models/smmu-v3/commands';
import type { Hint, Invalidator } from '#hw-models/smmu-v3/invalidation';
import { GEOMETRY } from '#hw-models/smmu-v3/tables';

/** What became of a command: `wait` is a CMD_SYNC, which is consumed later. */
export type Answer = 'done' | 'illegal' | 'wait';

/** A command's behaviour. */
export interface CommandEffect {
  run(raw: bigint, on: Invalidator, part: Capabilities): Answer;
}

type Run<F extends Fields> = (command: View<F>, on: Invalidator, part: Capabilities) => Answer;

function command<F extends Fields>(layout: Layout<F>, run: Run<F>, exists: (part: Capabilities) => boolean = () => true): CommandEffect {
  // Commands of the Non-secure queue must not name Secure streams.
  const refused = layout.reservedMask | ('SSec' in layout.fields ? layout.mask('SSec') : 0n);
  return { run: (raw, on, part) => (!exists(part) || (raw & refused) !== 0n ? 'illegal' : run(layout.of(raw), on, part)) };
}

const absent: CommandEffect = { run: () => 'illegal' };
const nothing = (): Answer => 'done';
const nothingByAddress = (operands: AddressOperands, _on: Invalidator, part: Capabilities): Answer =>
  addressesOf(operands, part) === 'illegal' ? 'illegal' : 'done';

const stage1 = ({ S1P }: Capabilities): boolean => S1P;
const stage2 = ({ S2P }: Capabilities): boolean => S2P;
const el2 = ({ Hyp }: Capabilities): boolean => Hyp;
const stalls = ({ STALL_MODEL }: Capabilities): boolean => STALL_MODEL !== 'terminate';

/** @spec SMMU-V3 "Commands" */
export const EFFECTS: Readonly<Record<CommandName, CommandEffect>> = {
  // Hints: they may fetch nothing, and record nothing.
  CMD_PREFETCH_CONFIG: command(PrefetchConfig, nothing),
  CMD_PREFETCH_ADDR: command(PrefetchAddr, nothing),
  CMD_CFGI_STE: command(CfgiSte, ({ StreamID, Leaf }, on) => {
    on.streams(StreamID, 1, Leaf);
    return 'done';
  }),
  CMD_CFGI_STE_RANGE: command(CfgiSteRange, ({ StreamID, Range }, on, { SIDSIZE }) => {
    const streams = 2 ** (Range + 1);
    const first = StreamID - (StreamID % streams);
    if (first === 0 && streams >= 2 ** SIDSIZE) on.allStreams();
    else on.streams(first, streams, false);
    return 'done';
  }),
  CMD_CFGI_CD: command(CfgiCd, nothing, stage1),
  CMD_CFGI_CD_ALL: command(CfgiCdAll, nothing, stage1),
  CMD_CFGI_VMS_PIDM: absent,
  CMD_TLBI_NH_ALL: command(TlbiVmid, nothing, stage1),
  CMD_TLBI_NH_ASID: command(TlbiNhAsid, nothing, stage1),
  CMD_TLBI_NH_VA: command(TlbiNhVa, nothingByAddress, stage1),
  CMD_TLBI_NH_VAA: command(TlbiNhVaa, nothingByAddress, stage1),
  CMD_TLBI_EL3_ALL: absent,
  CMD_TLBI_EL3_VA: absent,
  CMD_TLBI_EL2_ALL: command(TlbiAll, nothing, el2),
  CMD_TLBI_EL2_ASID: command(TlbiAsid, nothing, el2),
  CMD_TLBI_EL2_VA: command(TlbiEl2Va, nothingByAddress, el2),
  CMD_TLBI_EL2_VAA: command(TlbiVaa, nothingByAddress, el2),
  CMD_TLBI_S12_VMALL: command(
    TlbiVmid,
    ({ VMID }, on) => {
      on.vmid(VMID);
      return 'done';
    },
    stage2,
  ),
  CMD_TLBI_S2_IPA: command(
    TlbiS2Ipa,
    (view, on, part) => {
      const addresses = addressesOf(view, part);
      if (addresses === 'illegal') return 'illegal';
      if (addresses !== 'none') on.addresses({ vmid: view.VMID, leafOnly: view.Leaf, ...addresses });
      return 'done';
    },
    stage2,
  ),
  CMD_TLBI_NSNH_ALL: command(TlbiAll, (_view, on) => {
    on.allVmids();
    return 'done';
  }),
  CMD_ATC_INV: absent,
  CMD_PRI_RESP: absent,
  // Nothing is ever stalled, so no pair of StreamID and STAG is known: that is no error.
  CMD_RESUME: command(Resume, nothing, stalls),
  CMD_STALL_TERM: command(StallTerm, nothing, stalls),
  CMD_SYNC: command(Sync, ({ CS }) => (CS === 'reserved' ? 'illegal' : 'wait')),
  CMD_TLBI_S_EL2_ALL: absent,
  CMD_TLBI_S_EL2_ASID: absent,
  CMD_TLBI_S_EL2_VA: absent,
  CMD_TLBI_S_EL2_VAA: absent,
  CMD_TLBI_S_S12_VMALL: absent,
  CMD_TLBI_S_S2_IPA: absent,
  CMD_TLBI_SNH_ALL: absent,
  CMD_DPTI_ALL: absent,
  CMD_DPTI_PA: absent,
};

/** The operands of commands by address. */
interface AddressOperands {
  readonly Address: bigint;
  readonly TG: 'any' | '4K' | '16K' | '64K' | 'reserved';
  readonly TTL: number;
  readonly TTL128: boolean;
  readonly SCALE: number;
  readonly NUM: number;
}

/** SCALE has a sixth bit with 52-bit addresses of small granules only. */
const SCALE_END = 32;

/**
 * The addresses that a command selects, in 4 KiB frames; `none` when it selects only entries of another kind.
 * @spec SMMU-V3 "Range-based invalidation and level hint"
 */
function addressesOf(
  { Address, TG, TTL: given, TTL128, SCALE, NUM }: AddressOperands,
  { RIL }: Capabilities,
): 'illegal' | 'none' | { readonly first: number; readonly frames: number; readonly hint: Hint | undefined } {
  const first = Number(Address);
  if (TG === 'any' || TG === 'reserved') {
    return given !== 0 || TTL128 || SCALE !== 0 || NUM !== 0 ? 'illegal' : { first, frames: 1, hint: undefined };
  }
  // Level 1 of the 16K granule has no leaves without DS.
  const TTL = TG === '16K' && given === 1 ? 0 : given;
  if (!RIL || SCALE >= SCALE_END || (TTL128 && given === 0) || (NUM === 0 && SCALE === 0 && TTL === 0)) return 'illegal';
  if (TTL128) return 'none';
  const frames = (NUM + 1) * 2 ** SCALE * framesOf(GEOMETRY[TG].pageShift);
  return { first, frames, hint: { granule: TG, TTL } };
}
