/** What a driver is asked about its domains and devices beside where they lead: dirty pages, coherency, the faults that it tells of. */
import { NO_PASID } from '#drivers/contract/iommu';
import { PAGE_SIZE, wordOf } from '#hw-models/core/address';
import { hex } from '#hw-models/core/hex';
import type { Bench } from './bench';
import { Broken, expectSame } from './outcomes';
import { showRange, type Range, type Sender } from './verb';
import { act } from './verbs';

/** Pages that are dirty, by their first address, and whether asking leaves them so. */
export interface Dirty {
  readonly pages: readonly bigint[];
  readonly stay: boolean;
}

/** Expects these pages of a range to be dirty, and no others. */
export async function expectDirty(bench: Bench, name: string, where: Range, { pages, stay }: Dirty): Promise<void> {
  const answer = await bench.perform(act('readDirty', name, where, !stay));
  if (!answer.ok) throw new Broken(`readAndClearDirty(${name}, ${showRange(where)}) was refused with ${answer.errno}`);
  const bitmap = answer.value as Uint8Array;
  const dirty = Array.from({ length: Number(where.size / PAGE_SIZE) }, (_none, n) => n).filter((n) => isSet(bitmap, n));
  const shown = dirty.map((n) => hex(where.iova + BigInt(n) * PAGE_SIZE));
  expectSame(`dirty pages in ${name}`, shown.join(' ') || 'none', pages.map((page) => hex(page)).join(' ') || 'none');
}

const isSet = (bitmap: Uint8Array, n: number): boolean => Math.floor((bitmap[Math.floor(n / 8)] ?? 0) / 2 ** (n % 8)) % 2 === 1;

/** Whether a domain can be made to give every access what the CPUs' caches hold. */
export async function expectCoherency(bench: Bench, name: string, can: boolean): Promise<void> {
  const answer = await bench.perform(act('enforceCoherency', name));
  const said = answer.ok ? `${String(answer.value)}` : `refused with ${answer.errno}`;
  expectSame(`enforceCoherency(${name})`, said, `${can}`);
}

/** Expects a word of memory, which no driver may have changed behind a guest's back. */
export function expectMemory({ machine }: Bench, pa: bigint, value: bigint): void {
  expectSame(`the memory at PA ${hex(pa)}`, hex(machine.memory.get(wordOf(pa))), hex(value));
}

/** A fault as a driver tells of it. */
export interface Told {
  readonly sender: Sender;
  readonly iova: bigint;
  readonly cause: string;
}

/** Interrupts that wait reach the driver; it then has told of this fault. */
export async function expectTold(bench: Bench, { sender: { device, pasid = NO_PASID }, iova, cause }: Told): Promise<void> {
  for (const { iommu, line } of bench.machine.interrupts.splice(0)) await bench.does(undefined, 'irq', iommu, line);
  const told = bench.upcalls.events.map((event) => `d${event.device} ${event.pasid} ${hex(event.iova ?? 0n)} ${event.cause.split(',')[0]}`);
  const wanted = `d${device} ${pasid} ${hex(iova)} ${cause}`;
  if (!told.includes(wanted)) throw new Broken(`the driver told of ${told.join('; ') || 'no fault'}, expected ${wanted}`);
}
