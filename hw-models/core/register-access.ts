/** Registers by their declarations, as software reaches them through a port. */
import type { AnyLayout } from './bits';
import type { Port } from './port';

/** Where a register lies, and what is in it: 32 bits wide, or 64. */
interface Declared {
  readonly at: number;
  readonly layout: AnyLayout;
}

export const readRegister = (port: Port, iommu: number, { at, layout }: Declared): bigint =>
  layout.width === 64 ? port.mmioRead64(iommu, at) : BigInt(port.mmioRead32(iommu, at));

export function writeRegister(port: Port, iommu: number, { at, layout }: Declared, value: bigint): void {
  if (layout.width === 64) port.mmioWrite64(iommu, at, value);
  else port.mmioWrite32(iommu, at, Number(value));
}
