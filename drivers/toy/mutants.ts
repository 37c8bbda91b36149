/** One defect each of the toy driver; also the examples of how a mutant is declared. */
import { after, refuse } from '#drivers/contract/driver';
import { edit, type Mutant } from '#drivers/mutants/mutant';
import { MAP } from '#hw-models/toy/layouts';

const toy = { of: 'toy', system: 'common' } as const;
const FILE = 'toy/driver.ts';

export const TOY_MUTANTS: readonly Mutant[] = [
  {
    ...toy,
    id: 'unmap-without-invalidation',
    rule: 'COM-UNMAP-01',
    by: 'staleness',
    edits: edit(FILE, "this.#invalidate(Command.encode({ op: 'page', id: domain.space, page: at >> 12n }));", ';'),
  },
  {
    ...toy,
    id: 'fence-is-not-awaited',
    rule: 'SAN-DANGLING',
    by: 'dangling',
    edits: edit(FILE, 'this.#platform.pollUntil(0, MAP.status.at, busy, 0, TIMEOUT_US);', 'void busy;'),
  },
  {
    ...toy,
    id: 'invalidation-before-clear',
    rule: 'COM-DET-01',
    by: 'staleness',
    edits: edit(
      FILE,
      "this.#platform.write64(this.#entry(id), 0n); this.#invalidate(Command.encode({ op: 'device', id }));",
      "this.#invalidate(Command.encode({ op: 'device', id })); this.#platform.write64(this.#entry(id), 0n);",
    ),
  },
  {
    ...toy,
    id: 'second-attach-replaces',
    rule: 'COM-ATT-02',
    by: 'step',
    edits: edit(FILE, "if (this.#attached.has(device)) return refuse('EBUSY');", ''),
  },
  {
    ...toy,
    id: 'offset-in-the-page-is-lost',
    rule: 'COM-PHYS-01',
    by: 'step',
    edits: edit(FILE, 'ok((leaf.page << 12n) | (iova % PAGE))', 'ok(leaf.page << 12n)'),
  },
  {
    ...toy,
    id: 'root-of-its-own-for-each-device',
    rule: 'COM-ATT-01',
    by: 'step',
    edits: edit(
      FILE,
      'this.#install(id, domain); this.#attached.set(device, handle); domain.devices.add(device);',
      "const copy = this.#platform.pageAlloc({ order: 0, kind: 'page-table' }); if (!copy.ok) return copy; for (let at = 0n; at < PAGE; at += 8n) this.#platform.write64(copy.value + at, this.#platform.read64(domain.root + at)); this.#install(id, { ...domain, root: copy.value }); this.#attached.set(device, handle); domain.devices.add(device);",
    ),
  },
  {
    ...toy,
    id: 'free-detaches',
    rule: 'COM-FREE-01',
    by: 'step',
    edits: edit(
      FILE,
      "if (domain.devices.size > 0) return refuse('EBUSY');",
      'for (const device of [...domain.devices]) this.detach(device, handle, NO_PASID);',
    ),
  },
  {
    ...toy,
    id: 'failed-alloc-leaks',
    rule: 'COM-UNW-01',
    by: 'all-or-nothing',
    edits: edit(FILE, 'if (!space.ok) { this.#platform.objectFree(object.value);', 'if (!space.ok) {'),
  },
  { ...toy, id: 'no-locks', rule: 'SAN-LOCKING', by: 'locking', port: () => ({ lock: () => undefined, unlock: () => undefined }) },
  {
    ...toy,
    id: 'errno-flattened',
    rule: 'COM-MAP-02',
    by: 'step',
    contract: {
      iommu: (driver) => ({ map: (...args) => after(driver.map(...args), (answer) => (answer.ok ? answer : refuse('EINVAL'))) }),
    },
  },
  {
    ...toy,
    id: 'no-command-reaches-the-hardware',
    rule: 'SAN-DANGLING',
    by: 'dangling',
    port: (platform) => ({
      mmioWrite64: (iommu, offset, value) => offset === MAP.command.at || platform.mmioWrite64(iommu, offset, value),
    }),
  },
  {
    ...toy,
    id: 'free-while-attached',
    rule: 'SAN-DANGLING',
    by: 'dangling',
    edits: edit(FILE, "if (domain.devices.size > 0) return refuse('EBUSY');", ''),
  },
  {
    ...toy,
    id: 'root-after-valid',
    rule: 'SAN-DANGLING',
    by: 'dangling',
    edits: edit(
      FILE,
      "this.#platform.write64(entry + (second ? 16n : 8n), DeviceRoot.encode({ root: domain.root >> 12n })); this.#invalidate(Command.encode({ op: 'device', id })); this.#platform.write64(entry, DeviceEntry.encode({ V: true, second, space: domain.space }));",
      'this.#platform.write64(entry, DeviceEntry.encode({ V: true, second, space: domain.space })); this.#platform.write64(entry + (second ? 16n : 8n), DeviceRoot.encode({ root: domain.root >> 12n }));',
    ),
  },
  {
    ...toy,
    id: 'table-linked-over-another',
    rule: 'COM-RACE-01',
    by: 'step',
    edits: edit(
      FILE,
      'const built = TableEntry.of(this.#platform.cmpxchg64(at, section.raw, link));',
      'const built = section; this.#platform.write64(at, link);',
    ),
  },
  {
    ...toy,
    id: 'map-one-page-more',
    rule: 'SAN-ISOLATION',
    by: 'isolation',
    edits: edit(
      FILE,
      'for (let at = iova; at < iova + size; at += PAGE) { const table',
      'for (let at = iova; at <= iova + size; at += PAGE) { const table',
    ),
  },
  {
    ...toy,
    id: 'tag-not-invalidated',
    rule: 'SAN-STALENESS',
    by: 'staleness',
    edits: edit(FILE, "this.#invalidate(Command.encode({ op: 'space', id: domain.space }));", ''),
  },
  {
    ...toy,
    id: 'replace-through-invalid',
    rule: 'SAN-HITLESS',
    by: 'hitless',
    edits: edit(
      FILE,
      'const second = !DeviceEntry.of(this.#platform.read64(entry)).second;',
      "const second = !DeviceEntry.of(this.#platform.read64(entry)).second; this.#platform.write64(entry, 0n); this.#invalidate(Command.encode({ op: 'device', id }));",
    ),
  },
  {
    ...toy,
    id: 'replace-in-place',
    rule: 'SAN-HITLESS',
    by: 'hitless',
    edits: edit(FILE, 'const second = !DeviceEntry.of', 'const second = DeviceEntry.of'),
  },
  {
    ...toy,
    id: 'tables-not-freed',
    rule: 'SAN-BALANCE',
    by: 'balance',
    edits: edit(FILE, 'if (section.V) this.#platform.pageFree(section.page << 12n, 0);', 'void section;'),
  },
  {
    ...toy,
    id: 'root-freed-twice',
    rule: 'SAN-BALANCE',
    by: 'balance',
    edits: edit(
      FILE,
      'this.#platform.pageFree(domain.root, 0);',
      'this.#platform.pageFree(domain.root, 0); this.#platform.pageFree(domain.root, 0);',
    ),
  },
  {
    ...toy,
    id: 'half-a-mapping-stays',
    rule: 'SAN-ALL-OR-NOTHING',
    by: 'all-or-nothing',
    edits: edit(FILE, 'this.#clear(domain, iova, at - iova);', ''),
  },
  {
    ...toy,
    id: 'illegal-command',
    rule: 'SAN-ATTENTION',
    by: 'attention',
    edits: edit(
      FILE,
      'this.#devices.set(device, id);',
      'this.#devices.set(device, id); this.#platform.mmioWrite64(0, MAP.command.at, 7n);',
    ),
  },
];
