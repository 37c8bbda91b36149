import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { SsPte } from '#hw-models/vtd/pte';
import { GUEST, HOST, Nested, PAGE } from './testdata/translate-nested';

suite('nested translation', () => {
  for (const levels of [4, 5] as const)
    test(`of ${levels} levels: the first stage is translated by the second`, () => {
      const scene = new Nested({ levels });
      assert.strictEqual(scene.use(), HOST);
      assert.deepInclude(scene.translate(0x7123n), { sizeLog2: 12, prot: 3, bypassed: false, spaces: ['DID 1 PASID 0', 'DID 1'] });
    });

  test('size and rights are those that both give', () => {
    const scene = new Nested();
    scene.first.map(512, 1024, {}, 1);
    for (const frame of scene.first.frames) scene.mapTable(frame);
    scene.second.map(512 ** 2, 512 ** 2, {}, 2);
    scene.second.map(1024, 4096, { W: false }, 1);
    assert.deepInclude(scene.translate(513n * 4096n), { pa: 4097n * 4096n, sizeLog2: 21, prot: 1 });
    assert.strictEqual(scene.ask(513n * 4096n, { access: 'write' }), '0x79');
  });

  for (const level of [0, 1, 2, 3]) {
    const isTop = level === 3;
    test(`a table of level ${level} that the second stage does not let be read`, () => {
      for (const values of [{ R: false, W: false }, { R: false }]) {
        const scene = new Nested();
        scene.mapTable(scene.tableOf(level), values);
        assert.strictEqual(scene.use(), isTop ? '0x75' : '0x76');
        assert.strictEqual(scene.use({ access: 'write' }), isTop ? '0x75' : '0x76');
        assert.deepInclude(scene.translate(0x7000n), { stage: 2 });
      }
    });

    test(`a table of level ${level} beyond the width of the second stage`, () => {
      const scene = new Nested({ pasid: { AW: 39 } });
      scene.pasid({ PGTT: 'nested', AW: 48, SSPTPTR: scene.second.root, FSPTPTR: isTop ? 2 ** 36 : scene.first.pointer });
      if (!isTop) scene.change(level + 1, { ADDR: 2 ** 36 });
      assert.strictEqual(scene.use(), '0x74');
    });

    test(`a table of level ${level} where nothing answers`, () => {
      const scene = new Nested();
      scene.machine.memory.holes.add(scene.tableOf(level));
      assert.strictEqual(scene.use(), isTop ? '0x73' : '0x70');
    });

    test(`an entry of level ${level} that is not present, or reserved`, () => {
      const scene = new Nested({ part: { HAW: 46 } });
      scene.change(level, { P: false });
      assert.strictEqual(scene.use(), '0x71');
      scene.change(level, { P: true, ADDR: 2 ** 34 });
      assert.strictEqual(scene.use(), '0x72');
    });
  }

  test('the second stage of a table: entries that cannot be read, or are reserved', () => {
    const reserved = new Nested({ part: { HAW: 46 } });
    reserved.store(reserved.mapTable(reserved.tableOf(0)), SsPte.encode({ R: true, ADDR: 2 ** 34 }));
    assert.strictEqual(reserved.use(), '0x7a');
    const holes = new Nested();
    holes.machine.memory.holes.add(Math.floor(holes.mapTable(holes.tableOf(0)) / 512));
    assert.strictEqual(holes.use(), '0x78');
    holes.machine.memory.holes.add(holes.second.root);
    assert.strictEqual(holes.use(), '0x7b');
  });

  test('the output of the first stage: not mapped, read-only, write-only, or beyond the width', () => {
    const scene = new Nested();
    const answers = (): string[] => [scene.use(), scene.use({ access: 'write' })];
    scene.second.set(PAGE.guest, 0n);
    assert.deepEqual(answers(), ['0x79', '0x79']);
    scene.second.map(PAGE.guest, PAGE.host, { W: false });
    assert.deepEqual(answers(), [HOST, '0x79']);
    scene.invalidateAll();
    scene.second.map(PAGE.guest, PAGE.host, { R: false });
    assert.deepEqual(answers(), ['0x79', HOST]);
    scene.change(0, { ADDR: 2 ** 36 });
    scene.invalidateAll();
    assert.deepEqual(answers(), ['0x84', '0x84']);
  });

  test('rights of the first stage come first', () => {
    const scene = new Nested({ leaf: { RW: false } });
    scene.second.set(PAGE.guest, 0n);
    assert.strictEqual(scene.use({ access: 'write' }), '0x85');
    scene.change(0, { US: false });
    assert.strictEqual(scene.use(), '0x81');
  });

  test('the guest names its frames as it likes', () => {
    const scene = new Nested();
    assert.strictEqual(scene.first.pointer, scene.first.root - GUEST);
    assert.notStrictEqual(scene.first.pointer, scene.first.root);
  });

  test('both stages are cached, each under its own tag', () => {
    const scene = new Nested();
    assert.strictEqual(scene.use(), HOST);
    scene.change(0, { P: false });
    scene.second.set(PAGE.guest, 0n);
    assert.strictEqual(scene.use(), HOST);
    scene.invalidate({ of: 'translations', space: 'DID 1', leafOnly: false });
    assert.strictEqual(scene.use(), '0x79');
    scene.invalidate({ of: 'translations', space: 'DID 1 PASID 0', leafOnly: false });
    assert.strictEqual(scene.use(), '0x71');
  });
});
