/** The parameters of one IOMMU, copied once from the memory of the host while it is trusted. What it writes there later is not read. */
import type { Platform } from '#drivers/contract/driver';
import { PARAMS } from '#hw-models/hyp/layouts';

/** @spec PKVM-19 "struct kvm_hyp_iommu": what the trusted host sets before the hypervisor is finalised. */
export interface Parameters {
  /** Kernel linear address of the root of the domain table. */
  readonly domains: bigint;
  /** Domains that the host wants, exclusive; not checked yet. */
  readonly nrDomains: bigint;
  /** Bits of an input address. */
  readonly ias: number;
  /** Bits of an output address. */
  readonly oas: number;
  /** Bytes of a page of its page tables. */
  readonly granule: number;
  /** The IOMMU instance whose registers it has. */
  readonly mmio: number;
}

/** @param params Kernel linear address of the parameters, mapped at EL2. */
export function copyParameters(platform: Platform, params: bigint): Parameters {
  const at = platform.hypPhys(platform.kernHypVa(params));
  const word = (name: keyof typeof PARAMS): bigint => platform.read64(at + BigInt(PARAMS[name] * 8));
  return {
    domains: word('domains'),
    nrDomains: word('nrDomains'),
    ias: Number(word('ias')),
    oas: Number(word('oas')),
    granule: Number(word('granule')),
    mmio: Number(word('mmio')),
  };
}
