/** Chapter 8 of the catalogue, first half: what the driver in Linux does, and the reference driver as well. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'riscv', system: 'riscv', by: 'step' } as const;
const DOMAINS = 'riscv/domains.ts';
const DOMAIN = 'riscv/domain.ts';
const PAGING = 'riscv/paging-domain.ts';
const FORMAT = 'riscv/page-table-format.ts';
const DEVICES = 'riscv/devices.ts';
const DIRECTORY = 'riscv/device-directory.ts';

const WIDE = "if (indexes === undefined) return refuse('ENODEV');";
const WIDEST = "1: ['Sv57', 'Sv48', 'Sv39']";
const FITS = "capabilities[this.scheme.name as keyof typeof capabilities] === true ? done : refuse('ENODEV')";
const TIES = 'if (!ties.ok) return ties;';
const LIMIT = 'const MANY = 2n ** 21n;';
const IOMMUS = 'new Set([this.bonds, ...nested].flatMap(({ iommus }) => iommus))';

export const MAINLINE_MUTANTS: readonly Mutant[] = [
  { ...riscv, id: 'wide-id-is-einval', rule: 'RVN-ML-01', edits: edit(DIRECTORY, WIDE, WIDE.replace('ENODEV', 'EINVAL')) },
  {
    ...riscv,
    id: 'wide-id-cut',
    rule: 'RVN-ML-01',
    edits: edit(DIRECTORY, 'return rest === 0 ? indexes : undefined;', 'return indexes;'),
  },
  { ...riscv, id: 'narrowest-mode', rule: 'RVN-ML-02', edits: edit(FORMAT, WIDEST, "1: ['Sv39', 'Sv48', 'Sv57']") },
  {
    ...riscv,
    id: 'no-mode-is-eopnotsupp',
    rule: 'RVN-ML-02',
    edits: edit(DOMAINS, "refuse(stage === 1 ? 'ENODEV' : 'EOPNOTSUPP')", "refuse('EOPNOTSUPP')"),
  },
  { ...riscv, id: 'mode-of-a-domain-not-checked', rule: 'RVN-ML-03', edits: edit(PAGING, FITS, 'capabilities.raw > 0n ? done : done') },
  {
    ...riscv,
    id: 'no-bond-blocks-the-device',
    rule: 'RVN-ML-03',
    by: 'all-or-nothing',
    edits: edit(DEVICES, TIES, 'if (!ties.ok) { this.#program(device, BLOCKED); return ties; }'),
  },
  {
    ...riscv,
    id: 'identity-keeps-a-tag',
    rule: 'RVN-ML-04',
    edits: edit(DOMAIN, "type === 'identity' ? IDENTITY : BLOCKED", "type === 'identity' ? { ...IDENTITY, ta: 4096n } : BLOCKED"),
  },
  {
    ...riscv,
    id: 'identity-keeps-the-domain-before',
    rule: 'RVN-ML-04',
    edits: edit(
      DEVICES,
      'domain.bonds.unlink(bond);',
      'if (device(domain)) domain.bonds.unlink(bond);'.replace('device(domain)', 'domain.devices.size > 0'),
    ),
  },
  { ...riscv, id: 'large-unmapping-page-by-page', rule: 'RVN-ML-06', edits: edit(PAGING, LIMIT, 'const MANY = 2n ** 63n;') },
  { ...riscv, id: 'two-mib-page-by-page', rule: 'RVN-ML-06', edits: edit(PAGING, 'bytesOf(cuts) >= MANY', 'bytesOf(cuts) > MANY') },
  { ...riscv, id: 'small-unmapping-as-a-whole', rule: 'RVN-ML-06', edits: edit(PAGING, LIMIT, 'const MANY = 2n ** 20n;') },
  {
    ...riscv,
    id: 'each-device-tells-its-iommu',
    rule: 'RVN-ML-07',
    edits: edit(PAGING, IOMMUS, '[this.bonds, ...nested].flatMap(({ all }) => all.map((bond) => bond.iommu))'),
  },
  { ...riscv, id: 'bond-stays-behind', rule: 'RVN-ML-09', edits: edit(DEVICES, 'domain.bonds.unlink(bond);', '') },
  {
    ...riscv,
    id: 'levels-not-read-back',
    rule: 'RVN-ML-11',
    edits: edit(DIRECTORY, 'if (taken.value === name) return ok(levels);', "if (taken.value !== 'Bare') return ok(levels);"),
  },
];
