/** Random input for the model: whatever it is given, it answers as documented. */
import { assert } from 'chai';
import * as fc from 'fast-check';

import { toWords } from '#hw-models/core/bits';
import { bits, modes, near, property, word, type Property } from '#hw-models/core/testdata/random-input';
import { capabilities } from '#hw-models/smmu-v3/capabilities';
import { cfgiSte, Scene, STAGE2 } from '#hw-models/smmu-v3/scene';
import { Ste } from '#hw-models/smmu-v3/ste';
import { illegality } from '#hw-models/smmu-v3/ste-validity';

const PART = { S1P: false, Hyp: false } as const;
const almostValid = near(fc.constant(Ste.encode({ ...STAGE2, S2TTB: 0x200_0000n })), 256);

const DOCUMENTED = ['C_BAD_STE', 'aborted', 'bypassed', 'translated', 'F_TRANSLATION', 'F_ADDR_SIZE', 'F_ACCESS', 'F_PERMISSION'];

/** @param seen Told of every outcome. */
export const stes = (seen: (kind: string) => void = () => undefined): Property =>
  property(fc.tuple(fc.oneof(bits(512), almostValid), word, modes), ([raw, iova, mode]) => {
    const scene = new Scene({ mode, part: PART });
    toWords(raw, 8).forEach((one, index) => scene.port.write64(scene.entryOf(0) + BigInt(index * 8), one));
    scene.port.barrier();
    scene.complete(cfgiSte(0));
    const request = { requester: 0, id: 0, pasid: undefined, iova, access: 'read', privileged: false } as const;
    const outcome = scene.machine.instance(0).hardware.access(request);
    const kind = outcome.kind === 'faulted' ? outcome.fault.cause : outcome.kind;
    assert.strictEqual(kind === 'C_BAD_STE', illegality(Ste.of(raw), capabilities(PART)) !== undefined, kind);
    assert.include(DOCUMENTED, kind);
    seen(kind);
  });

const command = fc
  .tuple(bits(128), fc.nat({ max: 0x73 }), fc.boolean())
  .map(([raw, opcode, sparse]) => {
    const operands = sparse ? raw & (raw / 2n ** 64n) & (raw * 8n) : raw;
    return operands - (operands % 256n) + BigInt(opcode);
  });

const commands = property(fc.array(command, { minLength: 1, maxLength: 8 }), (all) => {
  const scene = new Scene();
  scene.submit(...all);
  scene.port.delay(1);
  for (let tries = 0; tries < all.length; tries++) {
    scene.write('GERRORN', scene.read('GERROR'));
    scene.port.delay(1);
  }
});

/** By what is random. For `npm run fuzz`. */
export const PROPERTIES: Readonly<Record<string, Property>> = { 'stream table entries': stes(), commands };
