/** What a well-formed context entry, or PASID entry, means for requests: the stages that they go through. */
import type { ViewOf } from '#hw-models/core/bits';
import type { SecondStage } from '#hw-models/core/guest-tables';
import { hex } from '#hw-models/core/hex';
import { framesOf } from '#hw-models/core/walk';
import type { AddressWidth, Capabilities } from '#hw-models/vtd/capabilities';
import { marksOf, rootAt, type FirstFormat, type Format, type Marks } from '#hw-models/vtd/pte-levels';
import type { ContextEntry, PasidEntry } from '#hw-models/vtd/structures';

/** What caches tag entries of a stage with, and how far their addresses go. */
export interface StageTag {
  readonly stage: 1 | 2;
  readonly did: number;
  /** Of a first stage. */
  readonly pasid: number | undefined;
  readonly inputBits: number;
}

/** One stage of translation. */
export interface StageWay extends SecondStage {
  /** What caches tag its entries with. @spec VT-D "Tagging of Cached Translations" */
  readonly space: string;
  readonly tag: StageTag;
  readonly marks: Marks;
  readonly format: Format;
}

export interface FirstStageWay extends StageWay {
  readonly format: FirstFormat;
  readonly SMEP: boolean;
}

/** What an entry means. Without a stage requests pass. */
export interface Way {
  readonly key: string;
  readonly mode: 'legacy' | 'scalable';
  readonly first: FirstStageWay | undefined;
  readonly second: StageWay | undefined;
  /** Names of the spaces of its stages, the outer one first. */
  readonly spaces: readonly string[];
}

/** @spec VT-D "Tagging of Cached Translations" */
export const spaceOf = (did: number, pasid?: number): string => (pasid === undefined ? `DID ${did}` : `DID ${did} PASID ${pasid}`);

const FRAME_BYTES = 4096;
const LEVELS = { 39: 3, 48: 4, 57: 5 } as const;

/** A stage whose table lies at a frame. */
function stageWay(format: Format, frame: number, tag: StageTag, part: Capabilities): StageWay {
  const space = spaceOf(tag.did, tag.pasid);
  const root = rootAt(format, frame, part);
  return {
    key: `${space}: ${root.level.name} table at ${hex(frame * FRAME_BYTES)}${tag.inputBits < format.levels * 9 + 12 ? `, ${tag.inputBits} bits` : ''}`,
    space,
    tag,
    root,
    marks: marksOf(format),
    format,
    endFrame: framesOf(tag.inputBits),
  };
}

function secondStage(
  { AW, SSPTPTR, DID }: { readonly AW: AddressWidth; readonly SSPTPTR: number; readonly DID: number },
  flags: { readonly SSADE: boolean; readonly PWSNP: boolean },
  part: Capabilities,
): StageWay {
  const tag: StageTag = { stage: 2, did: DID, pasid: undefined, inputBits: Math.min(AW, part.MGAW) };
  return stageWay({ stage: 2, levels: LEVELS[AW], ...flags }, SSPTPTR, tag, part);
}

function wayThrough(mode: Way['mode'], key: string, first: FirstStageWay | undefined, second: StageWay | undefined): Way {
  const spaces = [first, second].flatMap((stage) => (stage === undefined ? [] : [stage.space]));
  return { key, mode, first, second, spaces };
}

/** @param entry Well-formed. @spec VT-D "Legacy Mode Address Translation" */
export function wayOfContext({ TT, AW, SSPTPTR, DID }: ViewOf<typeof ContextEntry>, part: Capabilities): Way {
  if (TT === 'pass-through') return wayThrough('legacy', `${spaceOf(DID)}: pass-through`, undefined, undefined);
  const second = secondStage({ AW: widthOf(AW), SSPTPTR, DID }, { SSADE: false, PWSNP: false }, part);
  const deviceTlb = TT === 'second-stage' ? '' : '; device TLB';
  return wayThrough('legacy', `${second.key}${deviceTlb}`, undefined, second);
}

/** @param entry Well-formed. @param pasid That it was found by. @spec VT-D "Scalable Mode Address Translation" */
export function wayOfPasid(entry: ViewOf<typeof PasidEntry>, pasid: number, part: Capabilities): Way {
  const { PGTT, DID, SSPTPTR, SSADE, PWSNP } = entry;
  if (PGTT === 'pass-through') return wayThrough('scalable', `${spaceOf(DID, pasid)}: pass-through`, undefined, undefined);
  const second = PGTT === 'first-stage' ? undefined : secondStage({ AW: widthOf(entry.AW), SSPTPTR, DID }, { SSADE, PWSNP }, part);
  const first = PGTT === 'second-stage' ? undefined : firstStage(entry, pasid, part);
  return wayThrough('scalable', [first?.key, second?.key].filter((key) => key !== undefined).join('; '), first, second);
}

function firstStage(entry: ViewOf<typeof PasidEntry>, pasid: number, part: Capabilities): FirstStageWay {
  const { FSPM, NXE, ERE, SRE, WPE, EAFE, SMEP, DID, FSPTPTR, PWSNP } = entry;
  const levels = FSPM === '5-level' ? 5 : 4;
  const format: FirstFormat = { stage: 1, levels, NXE, ERE, SRE, WPE, EAFE, PWSNP };
  const tag: StageTag = { stage: 1, did: DID, pasid, inputBits: levels * 9 + 12 };
  return { ...stageWay(format, FSPTPTR, tag, part), format, SMEP };
}

/** Where there is a second stage, AW is one of SAGAW. */
const widthOf = (AW: AddressWidth | 'reserved'): AddressWidth => (AW === 'reserved' ? 57 : AW);
