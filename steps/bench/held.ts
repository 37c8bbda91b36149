/** What a driver holds for whom, and may: part of check 5 of the sanitizer. */
import { PERMANENT } from '#drivers/contract/manifest';
import { ownerOf, type PageRequest } from '#hw-models/core/port';
import type { Bench } from './bench';

/** Whether the document that binds the driver never gives things of this kind back. */
export const isPermanent = ({ module: { manifest } }: Bench, kind: string): boolean =>
  Object.keys(PERMANENT[manifest.profile]).some((permanent) => kind === `page:${permanent}`);

/** Where a domain was freed or a device released: nothing that was taken for it is held any more. */
export function nothingHeldFor(bench: Bench, owner: NonNullable<PageRequest['owner']>, call: string): void {
  const { resources } = bench.machine;
  const [left] = [...resources.heldFor(ownerOf(owner))].filter(({ kind }) => !isPermanent(bench, `page:${kind}`));
  if (left === undefined) return;
  const what = `${2 ** left.order} page:${left.kind} that was taken for the ${owner.kind} is still held`;
  bench.machine.violate('balance', `${call} answered, but ${what}`, resources.lastTaken(`page:${left.kind}`));
}
