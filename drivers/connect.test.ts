import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from './connect';
import { UsageError } from './usage';

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
after(() => rmSync(folder, { recursive: true }));

describe('a driver that is no program', () => {
  for (const [name, text, place] of [
    ['of TypeScript.ts', 'const one = 1;\nexport const driver = ;\n', 'of TypeScript.ts:2: '],
    ['of JavaScript.js', "'use strict';\nmodule.exports = {\n  driver: ;\n};\n", "of JavaScript.js:3: Unexpected token ';'"],
  ] as const) {
    it(`${name.slice(0, -3)} is refused in one line, with the place of the mistake`, async () => {
      const file = join(folder, name);
      writeFileSync(file, text);
      const refused = await connect(file).then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.instanceOf(refused, UsageError);
      assert.include(refused.message, `${file}: cannot be loaded: `);
      assert.include(refused.message, place);
      assert.notInclude(refused.message, '\n');
    });
  }
});

describe('a manifest that is computed', () => {
  const text = (profile: string): string =>
    `'use strict';\nconst { driver } = require(${JSON.stringify(join(__dirname, 'toy', 'driver'))});\nlet reads = 0;\n` +
    `exports.driver = { manifest: { ...driver.manifest, get profile() { ${profile} } }, start: driver.start };\n`;

  it('is refused with the file when it throws', async () => {
    const file = join(folder, 'throws.js');
    writeFileSync(file, text("throw new Error('not today\\nnor tomorrow');"));
    const refused = await connect(file).catch((error: unknown) => error);
    assert.instanceOf(refused, UsageError);
    assert.strictEqual(refused.message, `${file}: driver.manifest: cannot be read: not today`);
  });

  it('is read once', async () => {
    const file = join(folder, 'changes.js');
    writeFileSync(file, text("return reads++ === 0 ? 'toy' : 'pkvm-rfc';"));
    const { manifest } = await connect(file);
    assert.deepEqual([manifest.profile, manifest.profile], ['toy', 'toy']);
  });
});
