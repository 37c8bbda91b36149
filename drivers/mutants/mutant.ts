/**
 * A driver with one defect, declared and not copied. In order of preference: `edits`, places in the source that must match exactly
 * once, in any language; `port`, a decoration of the platform, which needs no source; `contract`, a decoration of the answers.
 */
import type { HypIommuDriver, KvmIommuOps } from '#drivers/contract/hyp';
import type { IommuDriver } from '#drivers/contract/iommu';
import type { Platform } from '#drivers/contract/platform';

/** One place in a source file. White space in `find` matches any white space. */
export interface Edit {
  /** Below drivers/. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly id: string;
  /** The driver it is a mutant of. */
  readonly of: string;
  readonly system: string;
  /** The rule that must kill it. */
  readonly rule: string;
  /** What must find it: a step's expectation, or a check of the sanitizer. */
  readonly by: string;
  /** The mode in which it must be found; `eager` when it is left out. */
  readonly mode?: 'lazy' | 'eager';
  readonly edits?: readonly Edit[];
  readonly port?: (platform: Platform) => Partial<Platform>;
  readonly contract?: {
    readonly iommu?: (driver: IommuDriver) => Partial<IommuDriver>;
    readonly hyp?: (driver: HypIommuDriver) => Partial<HypIommuDriver>;
    readonly backEnd?: (operations: KvmIommuOps) => Partial<KvmIommuOps>;
  };
}

/** One edit as a list. */
export const edit = (file: string, find: string, replace: string): readonly Edit[] => [{ file, find, replace }];
