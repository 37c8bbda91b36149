import { describe, it } from 'node:test';
import { assert } from 'chai';
import { Intrinsics } from './intrinsics';

describe('Intrinsics', () => {
  it('leaves alone what has not changed', () => {
    assert.deepEqual(new Intrinsics().restore(), []);
  });

  it('puts back what was replaced, added and removed, and names it', () => {
    const guard = new Intrinsics();
    const { flat, at } = Array.prototype;
    const { trunc } = Math;
    Array.prototype.flat = () => [];
    Object.assign(Object.prototype, { everywhere: 1 });
    Reflect.deleteProperty(Math, 'trunc');
    Reflect.defineProperty(Array.prototype, 'at', { value: at, writable: false, configurable: true });
    assert.sameMembers([...guard.restore()], ['Array.prototype.flat', 'Object.prototype.everywhere', 'Math.trunc', 'Array.prototype.at']);
    assert.deepEqual([Array.prototype.flat, Math.trunc], [flat, trunc]);
    assert.notProperty({}, 'everywhere');
    assert.deepInclude(Reflect.getOwnPropertyDescriptor(Array.prototype, 'at'), { writable: true, enumerable: false });
    assert.deepEqual(guard.restore(), []);
  });
});
