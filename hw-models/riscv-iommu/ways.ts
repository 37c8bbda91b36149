/**
 * What a well-configured device context, with a process context where one is used, means for requests: the stages that they go through.
 */
import { hex } from '#hw-models/core/hex';
import { framesOf, type TableAt } from '#hw-models/core/walk';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import type { DeviceContext, Interrupts } from '#hw-models/riscv-iommu/device-context';
import { rootAt } from '#hw-models/riscv-iommu/pte';
import { SCHEMES, type Scheme, type SchemeName } from '#hw-models/riscv-iommu/tables';

/** One stage of translation. */
export interface StageWay {
  readonly key: string;
  /** What the IOATC tags its entries with. @spec RISCV-IOMMU "Caching in-memory data structures" */
  readonly space: string;
  readonly tag: StageTag;
  readonly root: TableAt;
  readonly scheme: Scheme;
  /** Whether hardware sets A and D. */
  readonly isManaged: boolean;
  /** Frames of the input range. */
  readonly endFrame: number;
}

/** What the IOATC tags entries of a stage with, and how far their addresses go. */
export interface StageTag {
  readonly stage: 1 | 2;
  /** Of a second stage, or of the second stage below a first one. */
  readonly gscid: number | undefined;
  /** Of a first stage. */
  readonly pscid: number | undefined;
  readonly inputBits: number;
}

/** The process directory, and what a process context does not say by itself. */
export interface ProcessDirectory {
  readonly levels: 1 | 2 | 3;
  /** Of the root: guest physical under a second stage. */
  readonly frame: number;
}

export type FirstStage =
  | { readonly kind: 'bare' }
  | { readonly kind: 'table'; readonly way: StageWay }
  | { readonly kind: 'directory'; readonly directory: ProcessDirectory | undefined };

/** What a device context means. */
export interface Way {
  readonly key: string;
  readonly enAts: boolean;
  readonly enPri: boolean;
  readonly t2gpa: boolean;
  /** DTF: faults are not recorded, most of them. */
  readonly silent: boolean;
  readonly prpr: boolean;
  /** Requests without a process_id are those of process 0. */
  readonly defaultProcess: boolean;
  readonly first: FirstStage;
  readonly second: StageWay | undefined;
  readonly msi: Interrupts | undefined;
  /** For process contexts: SADE and the GSCID. */
  readonly tags: Tags;
}

/** What first stages of one device context have in common. */
export interface Tags {
  readonly gscid: number | undefined;
  readonly hardwareUpdates: boolean;
}

/** @spec RISCV-IOMMU "Caching in-memory data structures" */
export function spaceOf({ gscid, pscid }: Pick<StageTag, 'gscid' | 'pscid'>): string {
  if (gscid === undefined) return `PSCID ${pscid}`;
  return pscid === undefined ? `GSCID ${gscid}` : `GSCID ${gscid} PSCID ${pscid}`;
}

const LEVELS = { PD8: 1, PD17: 2, PD20: 3 } as const;
const FRAME_BYTES = 4096;

/** A stage as iosatp or iohgatp says. */
function stageWay(
  scheme: SchemeName,
  frame: number,
  tag: Omit<StageTag, 'stage' | 'inputBits'>,
  hardwareUpdates: boolean,
  part: Capabilities,
): StageWay {
  const { Svpbmt, Svrsw60t59b } = part;
  const { stage, inputBits } = SCHEMES[scheme];
  const space = spaceOf(tag);
  const root = rootAt({ scheme: SCHEMES[scheme], hardwareUpdates, Svpbmt, Svrsw60t59b }, frame);
  return {
    key: `${space}: ${root.level.name} table at ${hex(frame * FRAME_BYTES)}`,
    space,
    tag: { ...tag, stage, inputBits },
    root,
    scheme: SCHEMES[scheme],
    isManaged: hardwareUpdates,
    endFrame: framesOf(inputBits),
  };
}

/** The first stage that an iosatp gives. @param iosatp Of a device context, or of a process context. */
export function firstStage(
  { MODE, PPN }: { readonly MODE: 'Bare' | 'Sv39' | 'Sv48' | 'Sv57' | 'reserved'; readonly PPN: number },
  pscid: number,
  { gscid, hardwareUpdates }: Tags,
  part: Capabilities,
): FirstStage {
  if (MODE === 'Bare' || MODE === 'reserved') return { kind: 'bare' };
  return { kind: 'table', way: stageWay(MODE, PPN, { gscid, pscid }, hardwareUpdates, part) };
}

/** @spec RISCV-IOMMU "Process to translate an IOVA" */
export function wayOf({ tc, iohgatp, ta, iosatp, pdtp, msi }: DeviceContext, part: Capabilities): Way {
  const { MODE, GSCID, PPN } = iohgatp;
  const second =
    MODE === 'Bare' || MODE === 'reserved' ? undefined : stageWay(MODE, PPN, { gscid: GSCID, pscid: undefined }, tc.GADE, part);
  const tags = { gscid: second && GSCID, hardwareUpdates: tc.SADE };
  const first = tc.PDTV ? directoryOf(pdtp) : firstStage(iosatp, ta.PSCID, tags, part);
  const used = msi?.msiptp.MODE === 'Flat' ? msi : undefined;
  return {
    key: [...said(tc), keyOf(first), second?.key, used && keyOfMsi(used)].filter((part) => part !== undefined).join('; '),
    enAts: tc.EN_ATS,
    enPri: tc.EN_PRI,
    t2gpa: tc.T2GPA,
    silent: tc.DTF,
    prpr: tc.PRPR,
    defaultProcess: tc.DPE,
    first,
    second,
    msi: used,
    tags,
  };
}

function directoryOf({ MODE, PPN }: DeviceContext['pdtp']): FirstStage {
  const directory = MODE === 'Bare' || MODE === 'reserved' ? undefined : { levels: LEVELS[MODE], frame: PPN };
  return { kind: 'directory', directory };
}

/** The bits of `tc` that change what becomes of requests; GADE and SADE show in the names of levels. */
const said = (tc: DeviceContext['tc']): string[] =>
  (['EN_ATS', 'EN_PRI', 'T2GPA', 'DTF', 'PRPR', 'DPE'] as const).filter((name) => tc[name]);

function keyOf(first: FirstStage): string | undefined {
  if (first.kind === 'table') return first.way.key;
  if (first.kind === 'bare') return undefined;
  return first.directory === undefined ? 'no process directory' : `process directory at ${hex(first.directory.frame * FRAME_BYTES)}`;
}

const keyOfMsi = ({ msiptp, mask, pattern }: Interrupts): string =>
  `MSI page table at ${hex(msiptp.PPN * FRAME_BYTES)}, mask ${hex(mask)}, pattern ${hex(pattern)}`;
