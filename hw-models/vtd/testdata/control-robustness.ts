/** Random input for the registers and the queue: whatever they are given, what follows is documented, or said to be left open. */
import * as fc from 'fast-check';
import { assert } from 'chai';

import { NotModelled, UnspecifiedBehaviour } from '#hw-models/core/errors';
import { act, acts, bits, modes, property, tolerating, word, type Property } from '#hw-models/core/testdata/random-input';
import { DESCRIPTORS } from '#hw-models/vtd/descriptors';
import { FAULT_REASONS } from '#hw-models/vtd/fault-reasons';
import { Fsts, MAP } from '#hw-models/vtd/registers';
import type { Found, Inbound, Refused } from '#hw-models/vtd/request';
import { Scene } from '#hw-models/vtd/scene';
import { PASID_WORDS } from '#hw-models/vtd/structures';

const ID = 8;

/** The specification may leave open what follows, and the model may leave it out. */
const tolerantly = tolerating(UnspecifiedBehaviour, NotModelled);

const inbounds: fc.Arbitrary<Inbound> = fc.record({
  requester: fc.constant(0),
  id: fc.constantFrom(ID, ID, 0, 0xffff),
  pasid: fc.option(fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 0xf_ffff })), { nil: undefined }),
  privileged: fc.boolean(),
  iova: fc.oneof(fc.bigInt({ min: 0n, max: 0x7fffn }), word),
  access: fc.constantFrom('read', 'write', 'execute'),
  type: fc.constantFrom('untranslated', 'untranslated', 'translation-request', 'translated'),
});

/** Fails for an answer that no row of the specification's tables gives. */
function documented(answer: Found | Refused): void {
  if (answer.kind === 'refused') assert.property(FAULT_REASONS, String(answer.reason));
}

const descriptor = fc
  .tuple(bits(256), fc.constantFrom(...Object.values(DESCRIPTORS)), fc.boolean(), fc.boolean())
  .map(([raw, { type, layout }, isClean, isKnown]) => {
    if (!isKnown) return raw;
    const operands = isClean ? raw & ~layout.reservedMask & ~layout.mask('type_high', 'type') : raw & ~layout.mask('type_high', 'type');
    return operands | BigInt(type);
  });

const descriptors = property(fc.tuple(modes, fc.array(descriptor, { minLength: 1, maxLength: 8 })), ([mode, all]) => {
  const scene = new Scene({ mode });
  tolerantly(() => {
    scene.submit(...all);
    for (let tries = 0; tries <= all.length; tries++) {
      scene.port.delay(1);
      scene.write('FSTS', Fsts.encode({ IQE: true, ICE: true, ITE: true }));
    }
  });
  documented(scene.translate(0x1000n));
});

const values = fc.oneof(word, fc.bigInt({ min: 0n, max: 31n }), fc.nat({ max: 31 }).map((at) => 2n ** BigInt(at)), fc.constant(0x8000_0401n));

const entries = fc.array(word, { minLength: PASID_WORDS, maxLength: PASID_WORDS });
const registers = property(
  fc.tuple(modes, fc.boolean(), entries, fc.array(acts(MAP, values, inbounds), { minLength: 1, maxLength: 25 })),
  ([mode, isLegacy, entry, all]) => {
    const scene = new Scene({ mode, tables: isLegacy ? 'legacy' : 'scalable' });
    tolerantly(() => {
      if (!isLegacy) scene.installWords(ID, entry);
    });
    const device = {
      request: (inbound: Inbound) => documented(scene.iommu.translate(inbound)),
      requestPage: () => scene.requestPage(),
    };
    for (const one of all) tolerantly(() => act(scene.port, device, one));
  },
);

/** By what is random. */
export const CONTROL_ROBUSTNESS: Readonly<Record<string, Property>> = { descriptors, 'registers in random order': registers };
