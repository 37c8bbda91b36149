/** Chapter 4 of the catalogue: changes without an interval, and the order of what is stored and forgotten. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'riscv', system: 'riscv', by: 'hitless' } as const;
const INVALIDATIONS = 'riscv/invalidations.ts';
const SEQUENCER = 'riscv/sequencer.ts';

const STOPPED = 'if (critical.length > 1 || isReinterpreted(now, next)) return';
const stoppedAlso = (when: string): string => `if (critical.length > 1 || isReinterpreted(now, next) || ${when}) return`;

const UNUSED = "{ stores: changed.filter((word) => !uses(now, word)), from: next, forget: 'context' },";
const CRITICAL = "{ stores: critical, from: next, forget: 'translations' },";
const OTHERS = "{ stores: others, from: next, forget: 'nothing' },";
const VALID = "{ stores: ['tc'], from: next, forget: 'nothing' },";
const STORE = 'this.#store(slot, step.stores, step.from);';
const FORGET = 'const forgotten = this.#forget(slot, step.forget, before);';

export const SEQUENCER_MUTANTS: readonly Mutant[] = [
  {
    ...riscv,
    id: 'interval-to-both-stages',
    rule: 'RVN-SEQ-01',
    edits: edit(SEQUENCER, STOPPED, stoppedAlso('(!hasFirstStage(now) && hasFirstStage(next))')),
  },
  {
    ...riscv,
    id: 'interval-to-the-second-stage',
    rule: 'RVN-SEQ-02',
    edits: edit(SEQUENCER, STOPPED, stoppedAlso('(hasFirstStage(now) && !hasFirstStage(next))')),
  },
  { ...riscv, id: 'always-an-interval', rule: 'RVN-SEQ-03', edits: edit(SEQUENCER, STOPPED, 'if (critical.length > 0) return') },
  {
    ...riscv,
    id: 'interval-between-second-stages',
    rule: 'RVN-SEQ-03',
    edits: edit(SEQUENCER, STOPPED, stoppedAlso('now.iohgatp !== next.iohgatp')),
  },
  {
    ...riscv,
    id: 'change-before-it-is-prepared',
    rule: 'RVN-SEQ-04',
    edits: edit(SEQUENCER, `${UNUSED} ${CRITICAL}`, `${CRITICAL} ${UNUSED}`),
  },
  {
    ...riscv,
    id: 'two-words-without-a-stop',
    rule: 'RVN-SEQ-04',
    by: 'isolation',
    edits: edit(SEQUENCER, STOPPED, 'if (isReinterpreted(now, next)) return'),
  },
  {
    ...riscv,
    id: 'reinterpreted-without-a-stop',
    rule: 'RVN-SEQ-04',
    by: 'isolation',
    edits: edit(SEQUENCER, STOPPED, 'if (false) return'),
  },
  {
    ...riscv,
    id: 'prepared-and-not-forgotten',
    rule: 'RVN-SEQ-05',
    edits: edit(SEQUENCER, UNUSED, UNUSED.replace("'context'", "'nothing'")),
  },
  {
    ...riscv,
    id: 'words-in-halves',
    rule: 'RVN-SEQ-05',
    edits: edit(
      SEQUENCER,
      'this.#platform.write64(at + offsetOf(word), from[word]);',
      `for (const [half, bits] of [from[word] % 0x1_0000_0000n, from[word] / 0x1_0000_0000n].entries())
        this.#platform.write32(at + offsetOf(word) + BigInt(half * 4), Number(bits));`,
    ),
  },
  {
    ...riscv,
    id: 'context-stays-cached',
    rule: 'RVN-SEQ-06',
    by: 'staleness',
    edits: edit(INVALIDATIONS, '[invalDdt(id), ...translationsOf(before)]', 'translationsOf(before)'),
  },
  {
    ...riscv,
    id: 'forgotten-before-the-change',
    rule: 'RVN-SEQ-06',
    by: 'staleness',
    edits: edit(SEQUENCER, `${STORE} ${FORGET}`, `${FORGET} ${STORE}`),
  },
  {
    ...riscv,
    id: 'valid-before-the-rest',
    rule: 'RVN-SEQ-07',
    by: 'isolation',
    edits: edit(SEQUENCER, `${OTHERS} ${VALID}`, `${VALID} ${OTHERS}`),
  },
  {
    ...riscv,
    id: 'valid-with-no-barrier-before',
    rule: 'RVN-SEQ-07',
    by: 'isolation',
    edits: edit(SEQUENCER, 'this.#platform.barrier();', ''),
  },
  {
    ...riscv,
    id: 'stopped-and-not-forgotten',
    rule: 'RVN-SEQ-07',
    by: 'staleness',
    edits: edit(SEQUENCER, "from: BLOCKED, forget: 'translations' };", "from: BLOCKED, forget: 'nothing' };"),
  },
];
