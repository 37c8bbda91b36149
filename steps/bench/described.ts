/** What a driver says of its domains and of its hardware. */
import { HW_INFO, HwInfoRiscv } from '#drivers/contract/uapi';
import type { DomainInfo, HwInfo } from '#drivers/contract/iommu';
import { MAP } from '#hw-models/riscv-iommu/registers';
import type { Bench } from './bench';
import { Broken, expectSame } from './outcomes';
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
export async function expectHardware(bench: Bench, device: number): Promise<void> {
  await bench.device(device);
  const answer = await bench.perform(act('hwInfo', device, HW_INFO.NONE));
  if (!answer.ok) throw new Broken(`hwInfo(d${device}) was refused with ${answer.errno}`);
  const { type, data } = answer.value as HwInfo;
  expectSame(`hwInfo(d${device}): type`, `${type}`, `${HW_INFO.RISCV_IOMMU}`);
  const { hardware } = bench.machine.instance(bench.describe(device).iommu);
  const expected = HwInfoRiscv.encode({
    capability: hardware.mmioRead(MAP.capabilities.at, 64),
    fctl: Number(hardware.mmioRead(MAP.fctl.at, 32)),
  });
  expectSame(`hwInfo(d${device}): data`, [...data].join(' '), littleEndian(expected, HwInfoRiscv.width / 8).join(' '));
}

/** Bytes of a structure, least significant first. */
export const littleEndian = (raw: bigint, bytes: number): number[] =>
  Array.from({ length: bytes }, (_none, n) => Number(BigInt.asUintN(8, raw / 256n ** BigInt(n))));
