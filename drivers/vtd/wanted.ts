/** What a domain wants the entry of a device, or of its PASID, to be. `entries.ts` gets it there. */
import { ContextEntry, PasidEntry } from '#hw-models/vtd/structures';
import type { Features, Width } from './features';

const PAGE = 4096n;

/** A page table of the host's, or of a guest's. */
export interface FirstStage {
  /** Physical address of the root; a GPA above a second stage. */
  readonly root: bigint;
  readonly levels: 4 | 5;
  readonly SRE?: boolean;
  readonly WPE?: boolean;
  readonly EAFE?: boolean;
}

export interface SecondStage {
  /** Physical address. */
  readonly root: bigint;
  readonly width: Width;
}

/** Both stages: nested. None: addresses pass as they are. */
export interface Wanted {
  readonly first?: FirstStage;
  readonly second?: SecondStage;
  /** Every access sees what is in the processors' caches, whatever the device says. */
  readonly snoops?: boolean;
  /** The second stage notes which pages were written to. */
  readonly notesDirty?: boolean;
}

/** The layouts name a width by its digits. */
const named = (width: Width) => String(width) as ReturnType<typeof PasidEntry.of>['AW'];

/** Addresses pass as they are. */
export const IDENTITY: Wanted = {};

/** Not present, and nothing else in it. */
const BLOCKED = 0n;

/** @spec VT-D "Scalable-Mode PASID Table Entry" */
export function pasidEntry(wanted: Wanted | undefined, DID: number, { ecap, walksSnoop, widths }: Features): bigint {
  if (wanted === undefined) return BLOCKED;
  const { first, second, snoops = false, notesDirty = false } = wanted;
  return PasidEntry.encode({
    ...(first && firstStageOf(first)),
    ...(second && { SSPTPTR: Number(second.root / PAGE), SSADE: notesDirty }),
    ...(first === undefined || second !== undefined ? { AW: named(second?.width ?? widths.at(-1)!) } : {}),
    PGTT: typeOf(wanted),
    PWSNP: walksSnoop && ecap.SMPWC,
    PGSNP: snoops,
    DID,
    P: true,
  });
}

/** The low bits of a guest's root are nothing. @spec VT-D "Scalable-Mode PASID Table Entry" field FSPTPTR */
const firstStageOf = ({ root, levels, SRE = false, WPE = false, EAFE = false }: FirstStage): Parameters<typeof PasidEntry.encode>[0] => ({
  FSPTPTR: Number(root / PAGE),
  FSPM: levels === 5 ? '5-level' : '4-level',
  SRE,
  WPE: WPE && SRE,
  EAFE,
});

function typeOf({ first, second }: Wanted): 'first-stage' | 'second-stage' | 'nested' | 'pass-through' {
  if (first === undefined) return second === undefined ? 'pass-through' : 'second-stage';
  return second === undefined ? 'first-stage' : 'nested';
}

/** In legacy mode, where there are second stages only. @param ats The device keeps translations. @spec VT-D "Context Entry" */
export function contextEntry(wanted: Wanted | undefined, DID: number, { widths }: Features, ats: boolean): bigint {
  if (wanted === undefined) return BLOCKED;
  const { second } = wanted;
  if (second === undefined) return ContextEntry.encode({ TT: 'pass-through', AW: named(widths.at(-1)!), DID, P: true });
  const TT = ats ? 'second-stage and device TLB' : 'second-stage';
  return ContextEntry.encode({ TT, SSPTPTR: Number(second.root / PAGE), AW: named(second.width), DID, P: true });
}
