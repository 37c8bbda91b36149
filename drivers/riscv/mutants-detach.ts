/** Chapter 1 of the catalogue: what a detached device keeps. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'riscv', system: 'riscv', by: 'step' } as const;
const DEVICES = 'riscv/devices.ts';
const DOMAIN = 'riscv/domain.ts';
const NESTED = 'riscv/nested-domain.ts';

const PROGRAM = 'const unchanged = this.#program(device, domain?.context ?? BLOCKED);';
const RELEASE = 'const blocked = this.#move(device, undefined);';

export const DETACH_MUTANTS: readonly Mutant[] = [
  {
    ...riscv,
    id: 'detached-domain-is-remembered',
    rule: 'RVN-DET-01',
    edits: edit(DEVICES, 'device.domain = domain;', 'device.domain = domain ?? device.domain;'),
  },
  {
    ...riscv,
    id: 'detached-bond-is-given-back-again',
    rule: 'RVN-DET-01',
    by: 'balance',
    edits: edit(
      DEVICES,
      'device.ties = ties.value; this.#untie(before);',
      'device.ties = domain ? ties.value : before; this.#untie(before);',
    ),
  },
  {
    ...riscv,
    id: 'bond-stays-in-its-domain',
    rule: 'RVN-DET-02',
    edits: edit(DEVICES, 'domain.bonds.unlink(bond); this.#platform.objectFree(bond.object);', 'this.#platform.objectFree(bond.object);'),
  },
  {
    ...riscv,
    id: 'blocked-as-identity',
    rule: 'RVN-DET-03',
    by: 'isolation',
    edits: edit(DEVICES, PROGRAM, PROGRAM.replace('BLOCKED', '{ ...BLOCKED, tc: 1n }')),
  },
  {
    ...riscv,
    id: 'blocked-domain-is-identity',
    rule: 'RVN-DET-03',
    by: 'isolation',
    edits: edit(DOMAIN, "type === 'identity' ? IDENTITY : BLOCKED", 'IDENTITY'),
  },
  {
    ...riscv,
    id: 'blocked-domain-has-bonds',
    rule: 'RVN-DET-04',
    edits: edit(DOMAIN, 'readonly isTagged = false;', 'readonly isTagged = true;'),
  },
  {
    ...riscv,
    id: 'blocked-domain-for-one-device',
    rule: 'RVN-DET-04',
    edits: edit(
      DOMAIN,
      'fits(): Result<null> { return done; }',
      "fits(): Result<null> { return this.isFree ? done : { ok: false, errno: 'EBUSY' }; }",
    ),
  },
  {
    ...riscv,
    id: 'user-data-of-the-last-allocation',
    rule: 'RVN-DET-05',
    edits: edit(
      NESTED,
      'parent.children.add(this);',
      'for (const other of parent.children) Object.assign(other, { context: { ...this.context, ta: other.context.ta } }); parent.children.add(this);',
    ),
  },
  {
    ...riscv,
    id: 'user-data-of-the-first-attach',
    rule: 'RVN-DET-06',
    edits: edit(
      DEVICES,
      PROGRAM,
      'const unchanged = this.#program(device, domain ? (Object.assign(device, { first: device.first ?? domain.context }).first) : BLOCKED);',
    ),
  },
  {
    ...riscv,
    id: 'released-device-stays-attached',
    rule: 'RVN-DET-07',
    by: 'staleness',
    edits: edit(DEVICES, `${RELEASE} if (blocked.ok)`, 'const blocked = done; if (blocked.ok)'),
  },
];
