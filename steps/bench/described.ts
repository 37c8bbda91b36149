/** What a driver says of its domains and of its hardware. */
import { HW_INFO } from '#drivers/contract/uapi';
import type { DomainInfo, HwInfo, ReservedRegion } from '#drivers/contract/iommu';
import { hex } from '#hw-models/core/hex';
import type { Bench } from './bench';
import { Broken, expectSame } from './outcomes';
import { systemOf } from './systems/systems';
import { act } from './verbs';

/** One thing that can be said of a domain. */
export type Trait = 'no page sizes' | 'no aperture' | `the type ${string}` | `no operation ${string}`;

/** Expects something of what `domainInfo` answers. */
export async function expectTrait(bench: Bench, name: string, trait: Trait): Promise<void> {
  const answer = await bench.perform(act('info', name));
  if (!answer.ok) throw new Broken(`domainInfo(${name}) was refused with ${answer.errno}`);
  const { type, operations, pageSizes, aperture } = answer.value as DomainInfo;
  const said = `domainInfo(${name})`;
  if (trait === 'no page sizes') return expectSame(`${said}: page sizes`, pageSizes.join(' '), '');
  if (trait === 'no aperture') return expectSame(`${said}: aperture`, aperture === undefined ? 'none' : 'there', 'none');
  if (trait.startsWith('the type ')) return expectSame(`${said}: type`, type, trait.slice('the type '.length));
  const operation = trait.slice('no operation '.length);
  expectSame(`${said}: ${operation}`, operations.some((one) => one === operation) ? 'offered' : 'not offered', 'not offered');
}

/** Expects `hwInfo` to tell the capabilities of the IOMMU that a device is behind. */
async function expectHardware(bench: Bench, device: number): Promise<void> {
  await bench.device(device);
  const answer = await bench.perform(act('hwInfo', device, HW_INFO.NONE));
  if (!answer.ok) throw new Broken(`hwInfo(d${device}) was refused with ${answer.errno}`);
  const { type, data } = answer.value as HwInfo;
  const expected = systemOf(bench).hardwareInfo(bench.machine.instance(bench.describe(device).iommu).hardware);
  expectSame(`hwInfo(d${device}): type`, `${type}`, `${expected.type}`);
  expectSame(`hwInfo(d${device}): data`, [...data].join(' '), expected.bytes.join(' '));
}

/** What a driver says of a device. */
export type DeviceTrait = { readonly says: 'hardware' } | { readonly says: 'regions'; readonly regions: readonly string[] };

export async function expectDevice(bench: Bench, device: number, trait: DeviceTrait): Promise<void> {
  if (trait.says === 'hardware') return expectHardware(bench, device);
  await bench.device(device);
  const answer = await bench.perform(act('reserved', device));
  if (!answer.ok) throw new Broken(`reservedRegions(d${device}) was refused with ${answer.errno}`);
  const told = (answer.value as readonly ReservedRegion[]).map(showRegion).sort();
  expectSame(`reservedRegions(d${device})`, told.join(', ') || 'none', [...trait.regions].sort().join(', ') || 'none');
}

const showRegion = ({ start, length, kind }: ReservedRegion): string => `${kind} ${hex(start)} to ${hex(start + length - 1n)}`;
