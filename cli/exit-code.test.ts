import { describe, it } from 'node:test';
import { assert } from 'chai';
import { EXIT, strongest } from '#cli/exit-code';

describe('strongest', () => {
  it('says what could not be judged before what is broken, and that before what was left out', () => {
    assert.strictEqual(strongest(EXIT.partial, EXIT.broken, EXIT.harness), EXIT.harness);
    assert.strictEqual(strongest(EXIT.partial, EXIT.broken, EXIT.kept), EXIT.broken);
    assert.strictEqual(strongest(EXIT.kept, EXIT.partial), EXIT.partial);
    assert.strictEqual(strongest(), EXIT.kept);
  });
});
