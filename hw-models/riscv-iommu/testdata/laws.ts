/** What holds of every mode of the model, for random tables and device contexts. */
import { assert } from 'chai';
import * as fc from 'fast-check';

import { wordOf } from '#hw-models/core/address';
import type { Outcome } from '#hw-models/core/hardware';
import type { Mode } from '#hw-models/core/sight';
import { answers, type ReadWord } from '#hw-models/core/testdata/oracle';
import type { Answer } from '#hw-models/riscv-iommu/request';
import { invalidateDdt, invalidateGvma, invalidateVma, type Scene } from '#hw-models/riscv-iommu/scene';
import { oracle, type Probe } from './oracle';
import { build, casesOf, changesOf, CONTEXT, GSCID } from './random-tables';

const MODES: readonly Mode[] = ['lazy', 'eager', 'seeded:5'];

/** Told of every answer. */
export type Count = (answer: string) => void;

const shown = (answer: Answer): string => {
  if (answer.kind === 'translated') return `${answer.pa.toString(16)} ${answer.sizeLog2} ${answer.memoryType}`;
  return answer.kind === 'refused' ? `${answer.cause} ${answer.iotval2.toString(16)}` : answer.kind;
};

/** The answer; `access`, which remembers the device context, says the same. */
function ask(scene: Scene, { iova, access }: Probe): string {
  const answer = scene.translate(iova, { access });
  const request = { requester: 0, id: 1, pasid: undefined, iova, access, privileged: false };
  if (!scene.machine.config.mode.startsWith('seeded')) assert.strictEqual(cause(scene.iommu.access(request)), cause(answer));
  return shown(answer);
}

function cause(said: Answer | Outcome): string {
  if (said.kind === 'translated' || said.kind === 'bypassed') return said.pa.toString(16);
  if (said.kind === 'faulted') return said.fault.cause.split(',')[0]!;
  return said.kind === 'refused' ? String(said.cause) : said.kind;
}

/** With no store in between, every mode answers as an uncached walk. */
export const uncached = (nested: boolean, count: Count = () => undefined): fc.IProperty<[unknown]> =>
  fc.property(casesOf(nested, 'any'), (one) => {
    for (const mode of MODES) {
      const scene = build(one, mode);
      for (const probe of [...one.probes, ...one.probes]) {
        const expected = oracle((at) => scene.peek(at), CONTEXT, probe);
        assert.strictEqual(ask(scene, probe), expected, mode);
        count(expected);
      }
    }
  });

/** After a store the answer is one that there may be, and after an invalidation the new one. @param stale Told of every answer that is not. */
export const afterStore = (nested: boolean, count: Count = () => undefined, stale: Count = () => undefined): fc.IProperty<[unknown]> => {
  const changed = casesOf(nested, 'tree').chain((one) => fc.record({ one: fc.constant(one), change: changesOf(one) }));
  const guest = nested ? { GV: true, GSCID } : {};
  return fc.property(changed, ({ one, change: { at, raw } }) => {
    for (const mode of MODES) {
      const scene = build(one, mode);
      const read: ReadWord = (address) => scene.peek(address);
      for (const probe of one.probes) ask(scene, probe);
      const both = new Map([[at, [read(at), raw]]]);
      scene.machine.store(wordOf(at), raw);
      const after = one.probes.map((probe) => oracle(read, CONTEXT, probe));
      for (const when of ['before a barrier', 'after a barrier']) {
        one.probes.forEach((probe, n) => {
          const answer = ask(scene, probe);
          assert.include([...answers(read, both, (choosing) => oracle(choosing, CONTEXT, probe))], answer, `${mode} ${when}`);
          if (answer !== after[n]) stale(answer);
        });
        scene.port.barrier();
      }
      // Between two commands of one fence a cache may be filled again: what others are read through goes first.
      for (const command of [invalidateDdt(1), invalidateGvma({ GV: true, GSCID }), invalidateVma(guest)]) scene.complete(command);
      const last = one.probes.map((probe) => ask(scene, probe));
      assert.deepEqual(last, after, mode);
      last.forEach(count);
    }
  });
};
