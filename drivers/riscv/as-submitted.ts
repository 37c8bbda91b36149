/**
 * What the patches did when they were submitted: the reference driver with each of the catalogue's defects RVN-DEF-01 to -14 put back
 * that a driver can have behind the structure of the review, which has the guest's context in it and no record of an event. The patches
 * stand above a driver of that time; where they say nothing, this one does what the reference does. docs/systems/riscv.md says what each
 * defect is and what exposes it.
 */
import type { DriverModule } from '#drivers/contract/driver';
import { loadEdited } from '#drivers/mutants/edited';
import type { Edit } from '#drivers/mutants/mutant';

const DEVICES = 'riscv/devices.ts';
const DOMAINS = 'riscv/domains.ts';
const DRIVER = 'riscv/driver.ts';
const GUEST = 'riscv/guest-context.ts';
const INVALIDATIONS = 'riscv/guest-invalidations.ts';
const IOMMU = 'riscv/iommu.ts';
const NESTED = 'riscv/nested-domain.ts';
const SEQUENCER = 'riscv/sequencer.ts';
const TABLE = 'parts/page-table.ts';

const IS_NESTED = "domain?.info.type === 'nested'";
const ROOT = "const root = memory.pageAlloc({ order: format.rootOrder, owner: { kind: 'domain', handle: domain }, kind: 'page-table' });";
/** What a defect leaks is taken anew where the reference has given it back. */
const LEAKED_PSCID = "this.#platform.idAlloc('pscid', 1, ID_SPACES[1].last);";
const LEAKED_DOMAIN = "this.#platform.objectAlloc('domain');";

/** By defect. DEF-12 is about the record of an event, for which the structure of the review has no place. */
export const DEFECTS: Readonly<Record<string, readonly Edit[]>> = {
  // The domain that is remembered is looked into at the next attach: here that is to free it again, if it is freed already.
  'RVN-DEF-01': [
    {
      file: DEVICES,
      find: 'device.ties = ties.value; this.#untie(before);',
      replace: `device.ties = ties.value; this.#untie(before);
        const isBlocked = (domain?.info.type ?? 'blocked') === 'blocked';
        const kept = [...(device.kept ?? []), ...before];
        if (!isBlocked)
          for (const tie of kept) if (![...this.#domains.values()].includes(tie.domain)) this.#platform.objectFree(tie.domain.object);
        device.kept = isBlocked ? kept : [];`,
    },
  ],
  // The domain that is nested is the new one: the patch left the attach to others as it was.
  'RVN-DEF-02': [
    {
      file: DEVICES,
      find: 'const ties = this.#tie(device, domain);',
      replace: `const old = ${IS_NESTED} ? device.ties : [];
        device.ties = device.ties.filter((tie) => !old.includes(tie));
        this.#untie(old);
        const ties = this.#tie(device, domain);`,
    },
  ],
  'RVN-DEF-03': [
    {
      file: DEVICES,
      find: 'if (!ties.ok) return ties;',
      replace: `if (!ties.ok) return ties; if (${IS_NESTED}) domain.forget(device.iommu);`,
    },
  ],
  'RVN-DEF-04': [{ file: SEQUENCER, find: 'if (critical.length > 1 || isReinterpreted(now, next))', replace: 'if (critical.length >= 0)' }],
  // A device that no nested domain was allocated for has an empty context.
  'RVN-DEF-05': [
    { file: IOMMU, find: 'readonly faults: FaultQueue;', replace: 'readonly faults: FaultQueue; readonly users = new Map();' },
    {
      file: DOMAINS,
      find: 'this.byHandle.set(handle, made.value);',
      replace:
        "if (made.value.info.type === 'nested') iommu.users.set(spec.device, made.value.context); this.byHandle.set(handle, made.value);",
    },
    {
      file: DEVICES,
      find: 'domain?.context ?? BLOCKED',
      replace: `(${IS_NESTED} ? ofUser(domain.context, device.iommu.users.get(device.handle)) : domain?.context) ?? BLOCKED`,
    },
    {
      file: DEVICES,
      find: 'export class Devices {',
      replace: 'const ofUser = (context, user) => user && { ...context, tc: user.tc, fsc: user.fsc }; export class Devices {',
    },
  ],
  // Where the device is blocked there is no second stage to take, and the patch would have taken none: that would hide all the rest.
  'RVN-DEF-06': [
    {
      file: DEVICES,
      find: '/** Which device sends requests under an id. */',
      replace: `live(handle) {
        const { iommu, slots } = this.#devices.get(handle) ?? {};
        return iommu && iommu.sequencer.read(slots.at(-1));
      }`,
    },
    {
      file: DRIVER,
      find: 'return this.#domains.alloc(spec,',
      replace: 'return this.#domains.alloc({ ...spec, live: this.#devices.live(spec.device) },',
    },
    {
      file: DOMAINS,
      find: 'this.#makeNested(parent.value, guest.value)',
      replace: 'this.#makeNested(parent.value, guest.value, making.spec.live)',
    },
    { file: DOMAINS, find: '#makeNested(parent: PagingDomain, guest: bigint)', replace: '#makeNested(parent, guest, live)' },
    { file: DOMAINS, find: 'parent, guest, pscid.value)', replace: 'parent, guest, pscid.value, live)' },
    { file: NESTED, find: 'guest: bigint, pscid: number) {', replace: 'guest: bigint, pscid: number, live: DeviceContext) {' },
    {
      file: NESTED,
      find: 'iohgatp: parent.context.iohgatp, ta: DcTa.encode({ PSCID: pscid })',
      replace: 'iohgatp: isValid(live) ? live.iohgatp : parent.context.iohgatp, ta: live.ta',
    },
  ],
  'RVN-DEF-07': [
    {
      file: DEVICES,
      find: 'const unchanged = this.#program(device,',
      replace: `const unchanged = this.#program({ ...device, slots: ${IS_NESTED} ? device.slots.slice(-1) : device.slots },`,
    },
  ],
  'RVN-DEF-08': [
    {
      file: DOMAINS,
      find: 'if (flags !== 0 && flags !== ALLOC_NEST_PARENT)',
      replace: 'if (spec.parent === undefined && (flags & ~(ALLOC_NEST_PARENT | 2)) !== 0)',
    },
    { file: DOMAINS, find: "if (flags !== 0) return refuse('EOPNOTSUPP'); if (data", replace: 'if (data' },
    { file: DOMAINS, find: 'spec.flags === ALLOC_NEST_PARENT', replace: '(spec.flags & ALLOC_NEST_PARENT) !== 0' },
  ],
  // Everything that is asked of a first stage is then answered by a second one.
  'RVN-DEF-09': [
    { file: DOMAINS, find: '? 2 : 1;', replace: '? 2 : (2 as 1 | 2);' },
    {
      file: TABLE,
      find: ROOT,
      replace: `const first = memory.pageAlloc({ order: 0, owner: { kind: 'domain', handle: domain }, kind: 'page-table' });
        if (!first.ok) return first;
        memory.pageFree(first.value, 0);
        ${ROOT}`,
    },
  ],
  // With the context in the structure, what cannot be read is the context.
  'RVN-DEF-10': [
    {
      file: DOMAINS,
      find: 'if (!guest.ok) return guest;',
      replace: `if (!guest.ok && guest.errno === 'EFAULT') ${LEAKED_PSCID} if (!guest.ok) return guest;`,
    },
    {
      file: DOMAINS,
      find: 'return refusalOf(guest.value, making.iommu.capabilities)',
      replace: `if (widestOf(making.iommu.capabilities, 1) === undefined) {
          ${LEAKED_PSCID}
          ${LEAKED_DOMAIN}
          return refuse('ENODEV');
        }
        return refusalOf(guest.value, making.iommu.capabilities)`,
    },
    { file: NESTED, find: 'this.#platform.idFree(ID_SPACES[1].space, this.#pscid);', replace: '' },
    { file: DOMAINS, find: 'return table.ok ?', replace: `if (!table.ok) ${LEAKED_DOMAIN} return table.ok ?` },
    {
      file: DOMAINS,
      find: "return id.ok ? id : refuse('ENOMEM');",
      replace: `if (!id.ok && stage === 2) ${LEAKED_PSCID} return id.ok ? id : refuse('ENOMEM');`,
    },
  ],
  // The checks that are left are about what is the host's: DEF-13 is about those.
  'RVN-DEF-11': [
    { file: GUEST, find: 'REFUSED.find(({ when })', replace: 'REFUSED.slice(0, 2).find(({ when })' },
    {
      file: GUEST,
      find: 'return Tc.of(tc).V ? { ...BLOCKED, tc, fsc } : BLOCKED;',
      replace: 'return { ...BLOCKED, tc: Tc.with(tc, { V: true }), fsc };',
    },
  ],
  // It is accepted, and then not used.
  'RVN-DEF-13': [{ file: GUEST, find: "HwptRiscv.mask('iohgatp', ", replace: 'HwptRiscv.mask(' }],
  // An index that is used before it is set reads as anything; nobody here hands in an array of another type.
  'RVN-DEF-14': [
    {
      file: INVALIDATIONS,
      find: "if (array.type !== INVALIDATE_DATA.RISCV_IOMMU) return refuse('EOPNOTSUPP');",
      replace: "if (array.type !== INVALIDATE_DATA.RISCV_IOMMU) return ok({ handled: 0xaaaa_aaaa, errno: 'EOPNOTSUPP' });",
    },
    { file: INVALIDATIONS, find: 'const commands: bigint[] = [];', replace: 'const commands: bigint[] = []; let skipped = false;' },
    {
      file: INVALIDATIONS,
      find: 'if (!meant.ok) return { commands, handled, errno: meant.errno };',
      replace: `if (!meant.ok && meant.errno === 'EOPNOTSUPP') { skipped = true; continue; }
        if (!meant.ok) return { commands, handled, errno: meant.errno };`,
    },
    {
      file: INVALIDATIONS,
      find: 'return { commands, handled: entries };',
      replace: "return { commands, handled: entries, ...(skipped && { errno: 'EOPNOTSUPP' }) };",
    },
    {
      file: INVALIDATIONS,
      find: 'const TRANSLATORS: readonly Translator[] = [',
      replace: "const TRANSLATORS: readonly Translator[] = [{ name: 'IODIR.INVAL_DDT', translate: (_domain, raw) => ok([raw]) },",
    },
  ],
};

const { driver: edited } = loadEdited('riscv/driver.ts', Object.values(DEFECTS).flat()) as { readonly driver: DriverModule };

export const driver: DriverModule = {
  manifest: { ...edited.manifest, name: 'riscv-as-submitted', profile: 'riscv-review' },
  start: edited.start,
};
