import { assert } from 'chai';
import * as fc from 'fast-check';
import { describe as suite, test } from 'node:test';

import { fromWords, toWords } from '#hw-models/core/bits';
import { capabilities } from '#hw-models/smmu-v3/capabilities';
import { cfgiSte, Scene, STAGE2 } from '#hw-models/smmu-v3/scene';
import { Ste } from '#hw-models/smmu-v3/ste';
import { illegality } from '#hw-models/smmu-v3/ste-validity';

suite('random input', () => {
  test('a random STE gives only documented outcomes, and never throws', () => {
    const part = { S1P: false, Hyp: false } as const;
    const random = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 8, maxLength: 8 }).map(fromWords);
    const near = fc
      .tuple(fc.constant(Ste.encode({ ...STAGE2, S2TTB: 0x200_0000n })), fc.array(fc.nat({ max: 255 }), { maxLength: 4 }))
      .map(([raw, flips]) => flips.reduce((ste, at) => ste ^ (1n << BigInt(at)), raw));
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        fc.oneof(random, near),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.constantFrom('lazy', 'eager', 'seeded:5'),
        (raw, iova, mode) => {
          const scene = new Scene({ mode, part });
          toWords(raw, 8).forEach((word, index) => scene.port.write64(scene.entryOf(0) + BigInt(index * 8), word));
          scene.port.barrier();
          scene.complete(cfgiSte(0));
          const outcome = scene.machine
            .instance(0)
            .hardware.access({ requester: 0, id: 0, pasid: undefined, iova, access: 'read', privileged: false });
          const kind = outcome.kind === 'faulted' ? outcome.fault.cause : outcome.kind;
          const bad = illegality(Ste.of(raw), capabilities(part)) !== undefined;
          assert.strictEqual(kind === 'C_BAD_STE', bad, kind);
          assert.include(
            ['C_BAD_STE', 'aborted', 'bypassed', 'translated', 'F_TRANSLATION', 'F_ADDR_SIZE', 'F_ACCESS', 'F_PERMISSION'],
            kind,
          );
          seen.add(kind);
        },
      ),
      { numRuns: 400 },
    );
    assert.includeMembers([...seen], ['C_BAD_STE', 'aborted', 'F_TRANSLATION', 'F_ADDR_SIZE']);
  });

  test('random bytes in the command queue stop it or are consumed, and never throw', () => {
    const command = fc
      .tuple(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.nat({ max: 0x73 }), fc.boolean())
      .map(([raw, opcode, sparse]) => ((sparse ? raw & (raw >> 64n) & (raw << 3n) : raw) & ~0xffn) | BigInt(opcode));
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 8 }), (commands) => {
        const scene = new Scene();
        scene.submit(...commands);
        scene.port.delay(1);
        for (let tries = 0; tries < commands.length; tries++) {
          scene.write('GERRORN', scene.read('GERROR'));
          scene.port.delay(1);
        }
      }),
      { numRuns: 300 },
    );
  });
});
