/** By which reason a stage refuses, as what it is used for. */

/** What a second stage translates: the address of a request, the output of a first stage, or where tables of a first stage lie. */
export type Purpose = 'legacy' | 'alone' | 'output' | 'first-stage root' | 'first-stage entry';

interface Reasons {
  /** No access to an entry of the first table of the walk, and of another. */
  readonly root: number;
  readonly entry: number;
  readonly reserved: number;
  /** A or D would have to be set, and walks do not snoop. */
  readonly flags: number;
}

interface SecondReasons extends Reasons {
  readonly width: number;
  /** The right is not given; an entry that is not present gives none. */
  readonly read: number;
  readonly write: number;
}

const SCALABLE = { root: 0x7b, entry: 0x78, reserved: 0x7a, flags: 0x7c } as const;

/** @spec VT-D "Non-Recoverable Fault Conditions" */
export const SECOND_REASONS: Readonly<Record<Purpose, SecondReasons>> = {
  // Nothing sets flags in legacy mode.
  legacy: { root: 0x03, entry: 0x07, reserved: 0x0c, flags: 0x07, width: 0x04, read: 0x06, write: 0x05 },
  alone: { ...SCALABLE, width: 0x84, read: 0x86, write: 0x85 },
  output: { ...SCALABLE, width: 0x84, read: 0x79, write: 0x79 },
  'first-stage root': { ...SCALABLE, width: 0x74, read: 0x75, write: 0x77 },
  'first-stage entry': { ...SCALABLE, width: 0x74, read: 0x76, write: 0x77 },
};

interface FirstReasons extends Reasons {
  readonly canonical: number;
  readonly absent: number;
  readonly supervisor: number;
  readonly execute: number;
  readonly write: number;
}

/** @spec VT-D "Non-Recoverable Fault Conditions" */
export const FIRST_REASONS: FirstReasons = {
  ...{ root: 0x73, entry: 0x70, reserved: 0x72, flags: 0x90 },
  ...{ canonical: 0x80, absent: 0x71, supervisor: 0x81, execute: 0x82, write: 0x85 },
};
