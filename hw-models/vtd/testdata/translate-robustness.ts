/** Random tables and requests: whatever the translator is given, it answers as documented, or says what it leaves out. */
import { assert } from 'chai';
import * as fc from 'fast-check';

import { toWords } from '#hw-models/core/bits';
import { NotModelled } from '#hw-models/core/errors';
import { bits, modes, near, property, tolerating, word, type Property } from '#hw-models/core/testdata/random-input';
import { FAULT_REASONS } from '#hw-models/vtd/fault-reasons';
import { FsPte, SsPte } from '#hw-models/vtd/pte';
import type { Found, Inbound, Refused } from '#hw-models/vtd/request';
import {
  ContextEntry,
  PasidDirectoryEntry,
  PasidEntry,
  RootEntry,
  ScalableContextEntry,
} from '#hw-models/vtd/structures';
import { DEVICE, TranslateScene } from './translate-scene';

/** What is left out may be asked for. */
const tolerantly = tolerating(NotModelled);

/** Frames that random tables lie in. */
const TABLES = 0x2_0000;
const POOL = 12;

const roots = fc.constantFrom('legacy', 'scalable');
const frames = fc.nat({ max: POOL - 1 }).map((nth) => TABLES + nth);
const inbounds: fc.Arbitrary<Inbound> = fc.record({
  requester: fc.constant(0),
  id: fc.constantFrom(DEVICE, DEVICE, DEVICE, 0, 0xffff),
  pasid: fc.option(fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 0xf_ffff })), { nil: undefined }),
  iova: fc.oneof(fc.bigInt({ min: 0n, max: 0x7fffn }), word, fc.constantFrom(0xfee0_0000n, 2n ** 64n - 1n)),
  access: fc.constantFrom('read', 'write', 'execute'),
  privileged: fc.boolean(),
  type: fc.constantFrom('untranslated', 'untranslated', 'translated', 'translation-request'),
});
const requests = fc.array(inbounds, { minLength: 1, maxLength: 6 });

/** Fails for an answer that no row of the specification's tables gives. */
function documented(answer: Found | Refused): void {
  if (answer.kind === 'refused') assert.property(FAULT_REASONS, String(answer.reason));
  else assert.isTrue(answer.pa < 2n ** 52n, `PA ${answer.pa.toString(16)}`);
}

function ask(scene: TranslateScene, all: readonly Inbound[]): void {
  const { hardware, sight } = scene.machine.instance(0);
  tolerantly(() => hardware.resolve(0, sight.configuration(0)));
  for (const inbound of all)
    tolerantly(() => {
      documented(scene.translate(inbound.iova, inbound));
    });
}

const contexts = {
  legacy: fc.record({
    ...{ P: fc.constant(true), SSPTPTR: frames, AW: fc.constantFrom(39, 48, 57), DID: fc.nat({ max: 3 }) },
    TT: fc.constantFrom('second-stage', 'second-stage and device TLB', 'pass-through'),
  }).map((values) => ContextEntry.encode(values)),
  scalable: fc.record({ P: fc.constant(true), PASIDE: fc.boolean(), DTE: fc.boolean(), PASIDDIRPTR: fc.constantFrom(TABLES, TABLES + 1) }).map((values) =>
    ScalableContextEntry.encode(values),
  ),
} as const;
const pasids = fc
  .record({
    ...{ P: fc.constant(true), SSPTPTR: frames, FSPTPTR: fc.oneof(frames, fc.nat({ max: 7 })), DID: fc.nat({ max: 3 }) },
    ...{ AW: fc.constantFrom(39, 48, 57), FSPM: fc.constantFrom('4-level', '5-level') },
    PGTT: fc.constantFrom('first-stage', 'second-stage', 'nested', 'nested', 'pass-through'),
    ...{ SRE: fc.boolean(), ERE: fc.boolean(), WPE: fc.boolean(), EAFE: fc.boolean(), SSADE: fc.boolean(), PWSNP: fc.boolean() },
  })
  .map((values) => PasidEntry.encode(values));

const entries = fc.oneof(
  word,
  near(frames.map((ADDR) => FsPte.encode({ P: true, RW: true, US: true, ADDR }))),
  near(frames.map((ADDR) => SsPte.encode({ R: true, W: true, ADDR }))),
);
/** Entries for the first words of each frame of the pool. */
const pools = fc.array(fc.tuple(fc.nat({ max: POOL - 1 }), fc.nat({ max: 7 }), entries), { minLength: 10, maxLength: 40 });

function fill(scene: TranslateScene, all: readonly (readonly [frame: number, index: number, raw: bigint])[]): void {
  for (const [frame, index, raw] of all) scene.machine.memory.set((TABLES + frame) * 512 + index, raw);
}

/** Stores a value of several words as it is. */
function put(scene: TranslateScene, at: number, raw: bigint, words: number): void {
  tolerantly(() => {
    toWords(raw, words).forEach((one, n) => {
      scene.store(at + n, one);
    });
  });
}

const structures = property(
  fc.tuple(
    modes,
    roots.chain((root) =>
      fc.record({
        root: fc.constant(root),
        rootEntry: fc.option(fc.oneof(bits(128), near(fc.constant(RootEntry.encode({ P: true, CTP: 0x101 })), 128)), { nil: undefined }),
        context: root === 'legacy' ? fc.oneof(bits(128), near(contexts.legacy, 128)) : fc.oneof(bits(256), near(contexts.scalable, 256)),
      }),
    ),
    near(frames.map((SMPTBLPTR) => PasidDirectoryEntry.encode({ P: true, SMPTBLPTR }))),
    fc.oneof(bits(512), near(pasids, 512)),
    requests,
  ),
  ([mode, { root, rootEntry, context }, directory, pasid, inbound]) => {
    const scene = new TranslateScene({ mode, root });
    for (const frame of [TABLES, TABLES + 1]) put(scene, frame * 512, directory, 1);
    for (const nth of [0, 1, 2, 3]) put(scene, scene.pasidWord(nth), pasid, 8);
    put(scene, scene.contextWord, context, root === 'legacy' ? 2 : 4);
    if (rootEntry !== undefined) put(scene, scene.rootWord, rootEntry, 2);
    ask(scene, inbound);
  },
);

const tables = property(fc.tuple(modes, pasids, pools, requests, pools), ([mode, pasid, all, inbound, stores]) => {
  const scene = new TranslateScene({ mode });
  fill(scene, all);
  for (const nth of [0, 1, 2, 3]) put(scene, scene.pasidWord(nth), pasid, 8);
  ask(scene, inbound);
  for (const [frame, index, raw] of stores) put(scene, (TABLES + frame) * 512 + index, raw, 1);
  ask(scene, inbound);
});

/** By what is random. */
export const TRANSLATE_ROBUSTNESS: Readonly<Record<string, Property>> = {
  'root, context and PASID tables': structures,
  'translation tables': tables,
};
