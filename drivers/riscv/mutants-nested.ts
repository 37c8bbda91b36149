/** Chapter 2 of the catalogue: what a nested domain contains. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'riscv', system: 'riscv', by: 'step' } as const;
const DOMAINS = 'riscv/domains.ts';
const NESTED = 'riscv/nested-domain.ts';
const PAGING = 'riscv/paging-domain.ts';
const GUEST = 'riscv/guest-context.ts';
const DRIVER = 'riscv/driver.ts';

const INFO = "{ type: 'nested', operations: ['cacheInvalidate'], pageSizes: [] }";
const MADE = '? this.#makeNested(parent.value, guest.value)';

export const NESTED_MUTANTS: readonly Mutant[] = [
  {
    ...riscv,
    id: 'nested-domain-has-a-root',
    rule: 'RVN-NST-01',
    edits: edit(
      DOMAINS,
      'const pscid = this.#takeId(take, 1);',
      "this.#platform.pageAlloc({ order: 0, kind: 'page-table' }); const pscid = this.#takeId(take, 1);",
    ),
  },
  {
    ...riscv,
    id: 'nested-domain-has-pages-of-4-kib',
    rule: 'RVN-NST-02',
    edits: edit(NESTED, INFO, INFO.replace('[] }', '[4096n] }')),
  },
  {
    ...riscv,
    id: 'nested-domain-says-that-it-maps',
    rule: 'RVN-NST-02',
    edits: edit(NESTED, INFO, INFO.replace("['cacheInvalidate']", "['map', 'unmap', 'cacheInvalidate']")),
  },
  {
    ...riscv,
    id: 'nested-domain-maps-in-its-parent',
    rule: 'RVN-NST-02',
    edits: edit(
      DRIVER,
      'const domain = this.#domains.paging(handle);',
      'const nested = this.#domains.byHandle.get(handle); const domain = nested instanceof NestedDomain ? ok(nested.parent) : this.#domains.paging(handle);',
    ),
  },
  {
    ...riscv,
    id: 'nested-domain-has-an-aperture',
    rule: 'RVN-NST-03',
    edits: edit(NESTED, INFO, INFO.replace('[] }', '[], aperture: { start: 0n, last: 2n ** 38n - 1n } }')),
  },
  {
    ...riscv,
    id: 'nested-domain-needs-a-width',
    rule: 'RVN-NST-04',
    edits: edit(
      GUEST,
      "{ why: 'there is no such process directory',",
      "{ why: 'no table is wide enough', when: (_given, part) => !part.Sv57 && !part.Sv48 && !part.Sv39 }, { why: 'there is no such process directory',",
    ),
  },
  {
    ...riscv,
    id: 'nested-domain-is-paging',
    rule: 'RVN-NST-05',
    edits: edit(NESTED, INFO, INFO.replace("'nested'", "'paging'")),
  },
  {
    ...riscv,
    id: 'pscid-of-a-nested-domain-leaks',
    rule: 'RVN-NST-06',
    edits: edit(NESTED, 'this.#platform.idFree(ID_SPACES[1].space, this.#pscid);', ''),
  },
  {
    ...riscv,
    id: 'parent-is-freed-below-its-children',
    rule: 'RVN-NST-07',
    edits: edit(
      PAGING,
      'this.devices.size === 0 && this.bonds.isEmpty && this.children.size === 0',
      'this.devices.size === 0 && this.bonds.isEmpty',
    ),
  },
  {
    ...riscv,
    id: 'user-data-is-read-at-attach',
    rule: 'RVN-NST-08',
    edits: [
      { file: DOMAINS, find: 'import { copyGuestContext, refusalOf }', replace: 'import { copyGuestContext, guestContext, refusalOf }' },
      {
        file: DOMAINS,
        find: MADE,
        replace: `? ((made) => {
          const { data } = making.spec;
          const first = made.ok ? made.value.context : undefined;
          const again = () => {
            const copied = copyGuestContext(this.#platform, data!);
            return copied.ok ? { ...guestContext(copied.value), iohgatp: first!.iohgatp, ta: first!.ta } : first;
          };
          if (made.ok) Object.defineProperty(made.value, 'context', { get: again });
          return made;
        })(this.#makeNested(parent.value, guest.value))`,
      },
    ],
  },
];
