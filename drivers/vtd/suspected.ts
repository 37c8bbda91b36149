/**
 * Points of mainline's driver that look wrong and were found by reading alone: the reference with each of VTDN-DEF-01, -02 and -06 to -08.
 * Nobody has seen the kernel do it, so that a verdict on this driver is none on Linux. docs/systems/vtd.md says where each was read.
 */
import type { DriverModule } from '#drivers/contract/driver';
import type { Edit } from '#drivers/mutants/mutant';
import { edited } from './series';

const DEVICES = 'vtd/devices.ts';
const GUEST = 'vtd/guest-data.ts';
const INVALIDATIONS = 'vtd/guest-invalidations.ts';
const WANTED = 'vtd/wanted.ts';

/** Who is attached to what stays as it was. */
const BLOCK = `const slots = device.slots(pasid);
  if (!slots.ok) return slots;
  const blocked = this.#program(device.iommu, slots.value, undefined, []);
  if (blocked !== undefined) return blocked.refusal;`;
const FIT = 'return fit.ok ? this.#move({ device, pasid, domain }) : fit;';

/** By defect. */
export const DEFECTS: Readonly<Record<string, readonly Edit[]>> = {
  // Requests without PASID are blocked before anything is looked at.
  'VTDN-DEF-01': [
    {
      file: DEVICES,
      find: 'if (now.domain === domain) return done;',
      replace: `if (now.domain === domain) return done; if (pasid === NO_PASID) { ${BLOCK} }`,
    },
  ],
  // Requests with a PASID are when the second stage has been looked at, and the guest's first stage has not.
  'VTDN-DEF-02': [
    { file: DEVICES, find: FIT, replace: `if (!fit.ok && pasid !== NO_PASID && domain.parent?.fits(device.iommu).ok) { ${BLOCK} } ${FIT}` },
  ],
  'VTDN-DEF-06': [{ file: GUEST, find: "return isKnown ? ok(raw) : refuse('EOPNOTSUPP');", replace: 'void isKnown; return ok(raw);' }],
  // The low bits of the address get into the flags that begin the word.
  'VTDN-DEF-07': [
    {
      file: WANTED,
      find: 'return PasidEntry.encode({',
      replace: 'return (((first?.root ?? 0n) % PAGE) * 2n ** 128n) | PasidEntry.encode({',
    },
  ],
  // As many bytes as are left of them, and one page where none are.
  'VTDN-DEF-08': [
    {
      file: INVALIDATIONS,
      find: "if (npages === 0n || addr + npages * PAGE > ADDRESSES) return refuse('EINVAL');",
      replace: 'const bytes = (npages * PAGE) % ADDRESSES || PAGE;',
    },
    {
      file: INVALIDATIONS,
      find: 'last: addr + npages * PAGE - 1n,',
      replace: 'last: (addr + bytes > ADDRESSES ? ADDRESSES : addr + bytes) - 1n,',
    },
  ],
};

export const driver: DriverModule = edited('vtd-suspected', 'vtd-mainline', Object.values(DEFECTS).flat());
