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

  it('needs none of what may have been changed', () => {
    const guard = new Intrinsics();
    const broken = (): never => {
      throw new Error('what is looked at is used to look');
    };
    const { get } = Map.prototype;
    Map.prototype.get = broken;
    Array.prototype.push = broken;
    Array.prototype[Symbol.iterator] = broken;
    Object.is = broken;
    const changed = guard.restore();
    assert.strictEqual(Map.prototype.get, get);
    assert.sameMembers([...changed], ['Object.is', 'Array.prototype.push', 'Array.prototype.Symbol.iterator', 'Map.prototype.get']);
  });
});
