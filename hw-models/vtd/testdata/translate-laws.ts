/** What holds of every mode of the model, for random tables and PASID table entries. */
import { assert } from 'chai';
import * as fc from 'fast-check';

import { wordOf } from '#hw-models/core/address';
import { hex } from '#hw-models/core/hex';
import type { Mode } from '#hw-models/core/sight';
import { answers, type ReadWord } from '#hw-models/core/testdata/oracle';
import { oracle, type Probe } from './translate-oracle';
import { build, casesOf, changesOf, PASID_ENTRY } from './translate-random';
import type { TranslateScene } from './translate-scene';

const MODES: readonly Mode[] = ['lazy', 'eager', 'seeded:5'];

/** Told of every answer. */
export type Count = (answer: string) => void;

function ask(scene: TranslateScene, { iova, access }: Probe): string {
  const result = scene.translate(iova, { access });
  return result.kind === 'refused' ? hex(result.reason) : `${result.pa.toString(16)} ${result.sizeLog2}`;
}

/** With no store in between, every mode answers as an uncached walk. */
export const uncached = (nested: boolean, count: Count = () => undefined): fc.IProperty<[unknown]> =>
  fc.property(casesOf(nested, 'any'), (one) => {
    for (const mode of MODES) {
      const scene = build(one, mode);
      for (const probe of [...one.probes, ...one.probes]) {
        const expected = oracle((at) => scene.peek(wordOf(at)), PASID_ENTRY, probe, one.shape.erratum);
        assert.strictEqual(ask(scene, probe), expected, mode);
        count(expected);
      }
    }
  });

/** After a store the answer is one that there may be, and after an invalidation the new one. @param stale Told of every answer that is not. */
export const afterStore = (nested: boolean, count: Count = () => undefined, stale: Count = () => undefined): fc.IProperty<[unknown]> => {
  const changed = casesOf(nested, 'tree').chain((one) => fc.record({ one: fc.constant(one), change: changesOf(one) }));
  return fc.property(changed, ({ one, change: { at, raw } }) => {
    for (const mode of MODES) {
      const scene = build(one, mode);
      const read: ReadWord = (address) => scene.peek(wordOf(address));
      for (const probe of one.probes) ask(scene, probe);
      const both = new Map([[at, [read(at), raw]]]);
      scene.store(wordOf(at), raw);
      for (const probe of one.probes) {
        const after = oracle(read, PASID_ENTRY, probe);
        const answer = ask(scene, probe);
        assert.include([...answers(read, both, (choosing) => oracle(choosing, PASID_ENTRY, probe))], answer, mode);
        if (answer !== after) stale(answer);
      }
      scene.invalidateAll();
      for (const probe of one.probes) {
        const after = oracle(read, PASID_ENTRY, probe);
        assert.strictEqual(ask(scene, probe), after, mode);
        count(after);
      }
    }
  });
};
