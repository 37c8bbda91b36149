/** What the reach graph asks of the machine that it watches. */
import type { LeafEntry, Level, TableAt } from '#hw-models/core/walk';
import type { Check } from './violation';

/** A device, or a device with a PASID: whoever makes requests under one configuration. The machine numbers them. */
export type Requester = number;

/** Translations that the hardware's caches tag alike: a VMID, a DID, a GSCID with its PSCID. Named by the architecture. */
export type SpaceName = string | number;

/** A first stage above `Destination.root`: a guest's, with tables in the guest's memory. */
export interface GuestStage {
  readonly space: SpaceName;
  /** Where it lies in physical memory; its leaves give frames of the guest. Undefined while the second stage does not map it. */
  readonly root: TableAt | undefined;
  /** Frame of the guest that the root lies in. */
  readonly input: number;
}

/** Where the hardware's configuration sends a requester's accesses. `key` tells destinations apart. */
export type Destination =
  | {
      readonly kind: 'translates';
      readonly key: string;
      /** What of `key` caches of configuration keep; the rest each walk finds anew, as where a guest's root lies. Left out: all of it. */
      readonly settings?: string;
      readonly space: SpaceName;
      readonly root: TableAt;
      readonly guest?: GuestStage;
    }
  | { readonly kind: 'passes'; readonly key: string }
  | { readonly kind: 'stops'; readonly key: string };

/** What caches of configuration know a destination by. */
export const settingsOf = (destination: Destination): string =>
  destination.kind === 'translates' ? (destination.settings ?? destination.key) : destination.key;

/** Whether a cache may keep an entry, by its first word. */
export type Keeps = (first: bigint) => boolean;

/** Reads configuration words for the architecture's own procedure; which of the possible values it gives is the caller's affair. */
export interface ConfigurationReader {
  /**
   * Words that the hardware may fetch and keep together, whether this procedure uses them or not.
   * @param reach `leaf` for the entry of one device, `directory` for entries that lead to such.
   * @param keeps Whether a cache may keep an entry with this first word. Left out: any.
   */
  fetch(word: number, words: number, reach: 'leaf' | 'directory', keeps?: Keeps): void;
  read(word: number): bigint;
}

export interface Facts {
  /** False until the driver's `start` has answered: nothing is checked before. */
  readonly armed: boolean;
  readonly memory: {
    get(word: number): bigint;
    low(word: number): number;
    high(word: number): number;
    older(word: number): readonly bigint[];
    isBlank(page: number): boolean;
  };
  /** Whether the driver owns the frame: a structure that it installs must lie in one. */
  owns(page: number): boolean;
  /** Whether `requester` may reach frames `[page, page + frames)` at input frames `[input, input + frames)` with `prot`. */
  granted(requester: Requester, input: number, page: number, frames: number, prot: number): boolean;
  /** Whether `requester` may reach everything untranslated. */
  mayPass(requester: Requester): boolean;
  /** The architecture's procedure from a request to its translation: also what the model itself runs. */
  resolve(requester: Requester, see: ConfigurationReader): Destination;
  /** What reports call it: `d1`, `d1 with PASID 5`. */
  nameOf(requester: Requester): string;
  /** Number of the current event. */
  now(): number;
  /** Number of the last event before `before` that stored to `word`, as far as it is known. For reports. */
  storedAt(word: number, before: number): number | undefined;
  /** Must throw. */
  violated(check: Check, message: string): never;
}

/** One invalidation command. */
export type Invalidation =
  | {
      readonly of: 'configuration';
      /** Undefined: all. */
      readonly requesters: ReadonlySet<Requester> | undefined;
      readonly leafOnly: boolean;
      /** Directory words that it covers for others too, by the value that a cache holds: one directory entry leads to many leaves. */
      readonly directories?: (requester: Requester, raw: bigint) => boolean;
    }
  | {
      readonly of: 'translations';
      /** Undefined: every space. */
      readonly space: SpaceName | undefined;
      /** Input frames `[first, first + frames)`; undefined: all. */
      readonly range?: { readonly first: number; readonly frames: number };
      /** Only the last entries of walks; caches of the entries above may stay. */
      readonly leafOnly: boolean;
      /** Entries of other levels may stay. Undefined: none may. */
      readonly only?: (level: Level, leaf: boolean) => boolean;
      /** Leaves that may stay for what they say. Undefined: none may. */
      readonly spares?: (leaf: LeafEntry) => boolean;
    };

/** Whether an invalidation of translations selects a leaf by what it is and by the level that it comes from; a format without levels names none. */
export const selects = ({ only, spares }: Invalidation & { readonly of: 'translations' }, leaf: LeafEntry): boolean =>
  (only === undefined || leaf.level === undefined || only(leaf.level, true)) && spares?.(leaf) !== true;

/** Invalidations that the hardware has fetched so far: the time by which they are compared with what they find. */
export interface FetchCount {
  count: number;
}

/** An invalidation that the hardware has fetched. It removes only what was stale, and ordered, at that time. */
export interface Fetched {
  readonly invalidation: Invalidation;
  /** It was the `at`th. */
  readonly at: number;
}
