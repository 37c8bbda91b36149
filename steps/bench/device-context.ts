/** What the contexts of a device hold as memory has them, for steps that look at one. */
import type { Bench } from './bench';
import { expectSame } from './outcomes';
import { systemOf } from './systems/systems';
import type { Sender } from './verb';

/** A word of a context and what a field of it reads as: a number, a name, or 0 and 1 for flags. */
export interface Expected {
  readonly word: string;
  readonly field: string;
  readonly value: string;
}

/** Expects the same of the context of each id of a device. */
export function expectContext(bench: Bench, { device, pasid }: Sender, { word, field, value }: Expected): void {
  const { iommu, ids } = bench.describe(device);
  for (const id of ids) {
    const actual = systemOf(bench).contextOf(bench, { iommu, id, pasid })[word]?.[field];
    if (actual === undefined) throw new Error(`the context of d${device} has no ${word}.${field}`);
    expectSame(`${word}.${field} of d${device}`, `${typeof actual === 'boolean' ? Number(actual) : actual}`, value);
  }
}
