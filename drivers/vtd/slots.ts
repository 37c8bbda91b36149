/** Entries in memory that decide what requests are translated by: PASID entries, and in legacy mode context entries. */
import { ContextEntry, PASID_WORDS, PasidEntry, CONTEXT_WORDS } from '#hw-models/vtd/structures';
import { ccDevice, devTlb, iotlbDomain, pcPasid, pDevTlb, pIotlbPasid } from './commands';
import type { Features } from './features';
import { contextEntry, pasidEntry, type Wanted } from './wanted';

/** An entry, and whose requests it is for. */
export interface Slot {
  /** Physical address. */
  readonly at: bigint;
  readonly kind: SlotKind;
  readonly source: Source;
}

/** Requests that one entry is for. */
export interface Source {
  /** Under which the device's requests arrive. */
  readonly ids: readonly number[];
  /** It keeps translations of its own. */
  readonly ats: boolean;
  /** Undefined: requests without one. */
  readonly pasid: number | undefined;
}

/** Where requests without PASID have their entry. */
export const RID_PASID = 0;

/** The PASID that caches tag what a source is given with. */
export const taggedPasid = ({ pasid }: Pick<Source, 'pasid'>): number => pasid ?? RID_PASID;

export interface SlotKind {
  /** Of 64 bits. */
  readonly words: number;
  isPresent(raw: bigint): boolean;
  /** The entry, not present. */
  stopped(raw: bigint): bigint;
  encode(wanted: Wanted | undefined, did: number, features: Features, source: Source): bigint;
  /** What drops a present entry, and all that it led to. @spec VT-D "Guidance to Software for Invalidations" */
  forgetting(raw: bigint, source: Source): readonly bigint[];
  /** What drops an entry that was not present before. */
  announcing(raw: bigint, source: Source): readonly bigint[];
}

/** What a device keeps goes last: until then it could ask for it again. @param pages Left out: all of it. */
export const devTlbsOf = ({ ids, ats, pasid }: Source, pages?: Parameters<typeof devTlb>[1]): readonly bigint[] =>
  ats ? ids.map((id) => (pasid === undefined ? devTlb(id, pages) : pDevTlb(id, pasid, pages))) : [];

export const PASID_SLOT: SlotKind = {
  words: PASID_WORDS,
  isPresent: (raw) => PasidEntry.of(raw).P,
  stopped: (raw) => PasidEntry.with(raw, { P: false }),
  encode: (wanted, did, features) => pasidEntry(wanted, did, features),
  forgetting: (raw, source) => {
    const { PGTT, DID } = PasidEntry.of(raw);
    const hasSecondStage = PGTT === 'second-stage' || PGTT === 'nested';
    const translations = hasSecondStage ? iotlbDomain(DID) : pIotlbPasid(DID, taggedPasid(source));
    return [pcPasid(DID, taggedPasid(source)), translations, ...devTlbsOf(source)];
  },
  announcing: (raw, source) => {
    const { DID } = PasidEntry.of(raw);
    return [pcPasid(DID, taggedPasid(source)), pIotlbPasid(DID, taggedPasid(source))];
  },
};

/** What is not present is cached under this domain-id. */
const NO_DID = 0;

export const CONTEXT_SLOT: SlotKind = {
  words: CONTEXT_WORDS.legacy,
  isPresent: (raw) => ContextEntry.of(raw).P,
  stopped: (raw) => ContextEntry.with(raw, { P: false }),
  encode: (wanted, did, features, { ats }) => contextEntry(wanted, did, features, ats),
  forgetting: (raw, source) => {
    const { DID } = ContextEntry.of(raw);
    return [...source.ids.map((id) => ccDevice(DID, id)), iotlbDomain(DID), ...devTlbsOf(source)];
  },
  announcing: (raw, source) => [...source.ids.map((id) => ccDevice(NO_DID, id)), iotlbDomain(ContextEntry.of(raw).DID)],
};
