import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { DeviceTlbs, type DeviceTlbRange } from '#hw-models/vtd/device-tlb';
import type { Found, Inbound } from '#hw-models/vtd/request';

const REQUEST: Inbound = {
  ...{ requester: 0, id: 8, pasid: undefined, iova: 0n },
  ...{ access: 'read', privileged: false, type: 'untranslated' },
};
const FOUND: Found = {
  ...{ kind: 'translated', pa: 0n, sizeLog2: 12, prot: 3 },
  ...{ bypassed: false, isInterrupt: false, deviceTlb: true, spaces: ['DID 1 PASID 0', 'DID 1'] },
};

/** A device that was told of frame 5, at frame 0x205. */
function told(found: Partial<Found> = {}, request: Partial<Inbound> = {}): DeviceTlbs {
  const tlbs = new DeviceTlbs();
  tlbs.fill({ ...REQUEST, ...request }, 5, 0x205, { ...FOUND, ...found });
  return tlbs;
}

const look = (tlbs: DeviceTlbs, frame = 5, request: Partial<Inbound> = {}): number | undefined =>
  tlbs.look({ ...REQUEST, ...request }, frame);
const EVERYBODY = (): boolean => true;

suite('what devices keep', () => {
  test('is given again', () => {
    assert.strictEqual(look(told()), 0x205);
    assert.strictEqual(look(told(), 6), undefined);
  });

  test('belongs to the device, and to the PASID', () => {
    assert.strictEqual(look(told(), 5, { id: 9 }), undefined);
    assert.strictEqual(look(told(), 5, { pasid: 0 }), undefined);
    assert.strictEqual(look(told({}, { pasid: 3 }), 5, { pasid: 3 }), 0x205);
  });

  test('covers what the leaf maps', () => {
    const tlbs = told({ sizeLog2: 21 });
    assert.strictEqual(look(tlbs, 0), 0x200);
    assert.strictEqual(look(tlbs, 0x1ff), 0x3ff);
    assert.strictEqual(look(tlbs, 0x200), undefined);
  });

  test('is one page where nothing was translated', () => {
    const tlbs = told({ bypassed: true, sizeLog2: 21 });
    assert.deepEqual([look(tlbs), look(tlbs, 4)], [0x205, undefined]);
  });

  test('goes with its rights', () => {
    assert.strictEqual(look(told({ prot: 1 }), 5, { access: 'write' }), undefined);
    assert.strictEqual(look(told({ prot: 2 })), undefined);
    assert.strictEqual(look(told(), 5, { access: 'execute' }), undefined);
    assert.strictEqual(look(told(), 5, { privileged: true }), undefined);
  });

  test('is nothing where the entry does not allow it, or for requests of supervisors', () => {
    assert.strictEqual(look(told({ deviceTlb: false })), undefined);
    assert.strictEqual(look(told({}, { privileged: true })), undefined);
    assert.strictEqual(look(told({}, { access: 'execute' })), undefined);
  });

  const drops: readonly (readonly [string, DeviceTlbRange, boolean])[] = [
    ['of everything', { ids: EVERYBODY, pasid: 'all' }, true],
    ['of the device', { ids: (id) => id === 8, pasid: undefined }, true],
    ['of another device', { ids: (id) => id === 9, pasid: 'all' }, false],
    ['of a PASID', { ids: EVERYBODY, pasid: 0 }, false],
    ['of the page', { ids: EVERYBODY, pasid: undefined, range: { first: 5, frames: 1 } }, true],
    ['of a range around it', { ids: EVERYBODY, pasid: undefined, range: { first: 0, frames: 8 } }, true],
    ['of the page behind it', { ids: EVERYBODY, pasid: undefined, range: { first: 6, frames: 1 } }, false],
  ];
  for (const [what, range, goes] of drops)
    test(`after an invalidation ${what}`, () => {
      const tlbs = told();
      tlbs.invalidate(range);
      assert.strictEqual(look(tlbs), goes ? undefined : 0x205);
    });

  test('an invalidation of any page of a large one drops it', () => {
    const tlbs = told({ sizeLog2: 21 });
    tlbs.invalidate({ ids: EVERYBODY, pasid: undefined, range: { first: 0xff, frames: 1 } });
    assert.strictEqual(look(tlbs), undefined);
  });

  test('is found by either tag of its translation', () => {
    for (const [space, goes] of [
      ['DID 1', true],
      ['DID 1 PASID 0', true],
      [undefined, true],
      ['DID 2', false],
    ] as const) {
      const tlbs = told();
      tlbs.invalidateSpace(space);
      assert.strictEqual(look(tlbs), goes ? undefined : 0x205);
    }
  });
});
