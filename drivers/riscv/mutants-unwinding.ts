/** Chapter 7 of the catalogue, first half: allocations that fail half way. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'riscv', system: 'riscv', by: 'all-or-nothing' } as const;
const DOMAINS = 'riscv/domains.ts';

const OBJECT = "return take(this.#platform.objectAlloc('domain'), (object) => this.#platform.objectFree(object));";
const IDENTIFIER = 'const id = take(this.#platform.idAlloc(space, 1, last), (given) => this.#platform.idFree(space, given));';
const ANSWER = "return id.ok ? id : refuse('ENOMEM');";
const NESTED_PSCID = 'const pscid = this.#takeId(take, 1);';
const NO_MODE = "if (scheme === undefined) return refuse(stage === 1 ? 'ENODEV' : 'EOPNOTSUPP');";
const PAGING_ID = 'const id = this.#takeId(take, scheme.stage);';
const PAGING_OBJECT = 'const object = this.#takeObject(take); if (!object.ok) return object; const id';

export const UNWINDING_MUTANTS: readonly Mutant[] = [
  {
    ...riscv,
    id: 'structure-of-a-failed-domain-kept',
    rule: 'RVN-UNW-01',
    edits: edit(DOMAINS, OBJECT, "return take(this.#platform.objectAlloc('domain'), () => undefined);"),
  },
  {
    ...riscv,
    id: 'identifier-of-a-failed-domain-kept',
    rule: 'RVN-UNW-01',
    edits: edit(DOMAINS, IDENTIFIER, 'const id = take(this.#platform.idAlloc(space, 1, last), () => undefined);'),
  },
  {
    ...riscv,
    id: 'no-pscid-frees-no-root',
    rule: 'RVN-UNW-02',
    by: 'balance',
    edits: edit(DOMAINS, NESTED_PSCID, `${NESTED_PSCID} if (!pscid.ok) this.#platform.pageFree(0n, 0);`),
  },
  {
    ...riscv,
    id: 'no-pscid-frees-the-parents-root',
    rule: 'RVN-UNW-02',
    by: 'dangling',
    edits: edit(
      DOMAINS,
      NESTED_PSCID,
      `${NESTED_PSCID} if (!pscid.ok) this.#platform.pageFree(BigInt.asUintN(44, parent.context.iohgatp) * 4096n, 2);`,
    ),
  },
  {
    ...riscv,
    id: 'no-mode-costs-a-pscid',
    rule: 'RVN-UNW-03',
    edits: edit(
      DOMAINS,
      NO_MODE,
      `const early = this.#platform.idAlloc('pscid', 1, 1048575); ${NO_MODE} if (early.ok) this.#platform.idFree('pscid', early.value);`,
    ),
  },
  {
    ...riscv,
    id: 'no-mode-costs-a-domain',
    rule: 'RVN-UNW-03',
    edits: edit(
      DOMAINS,
      NO_MODE,
      `const early = this.#platform.objectAlloc('domain'); ${NO_MODE} if (early.ok) this.#platform.objectFree(early.value);`,
    ),
  },
  {
    ...riscv,
    id: 'no-root-costs-a-domain',
    rule: 'RVN-UNW-04',
    edits: edit(DOMAINS, PAGING_OBJECT, PAGING_OBJECT.replace('this.#takeObject(take)', "this.#platform.objectAlloc('domain')")),
  },
  {
    ...riscv,
    id: 'no-gscid-costs-a-pscid',
    rule: 'RVN-UNW-05',
    edits: edit(
      DOMAINS,
      PAGING_ID,
      `const other = this.#platform.idAlloc('pscid', 1, 1048575); ${PAGING_ID} if (other.ok && id.ok) this.#platform.idFree('pscid', other.value);`,
    ),
  },
  {
    ...riscv,
    id: 'no-identifier-is-a-number',
    rule: 'RVN-UNW-06',
    by: 'step',
    edits: edit(DOMAINS, ANSWER, 'return id.ok ? id : ok(0xffe4);'),
  },
];
