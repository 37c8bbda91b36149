import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { assert } from 'chai';
import { ask, bytes, call, list, optional, record, text, u32, union, word } from '#drivers/contract/shape';
import type { Method, RecordShape, Shape, Union } from '#drivers/contract/shape';
import { PLATFORM } from '#drivers/contract/shapes';
import { tool } from '#drivers/native/tools';
import { SHAPES, STRUCTS } from '../testdata/shapes';
import { itemSize, signatureOf, structOf } from './layout';
import type { Struct } from './layout';
import { EXPORTS } from './names';

const INCLUDE = resolve(__dirname, '..', '..', 'sdk', 'include');
const HEADER = join(INCLUDE, 'iommu_tck.h');

const structNamed = (name: string): Struct => structOf(SHAPES.get(name) as RecordShape | Union);
const offsetsOf = ({ members }: Struct): Readonly<Record<string, number>> =>
  Object.fromEntries(members.map(({ field = '', offset }) => [field, offset]));

describe('the layout of a structure', () => {
  const BY_HAND: Readonly<Record<string, readonly [offsets: Readonly<Record<string, number>>, size: number, align: number]>> = {
    aperture: [{ start: 0, last: 8 }, 16, 8],
    readiness: [{ readable: 0, writable: 4 }, 8, 4],
    user_data: [{ type: 0, address: 8, length: 16 }, 24, 8],
    hyp_device: [{ iommu: 0, params: 8 }, 16, 8],
    hyp_init: [{ memcaches: 0, cpus: 8, operations: 12 }, 24, 8],
    mapping: [{ iova: 0, pa: 8, size: 16, prot: 24 }, 48, 8],
    guest_event: [{ viommu: 0, type: 4, record: 8 }, 16, 4],
    iommu_description: [{ iommu: 0, coherent: 4, interrupts: 8 }, 16, 4],
    page_owner: [{ kind: 0, handle: 4 }, 8, 4],
    page_request: [{ order: 4, owner: 8, kind: 16 }, 20, 4],
    fault_event: [{ device: 4, pasid: 8, cause: 12, iova: 16, access: 24, guest: 28 }, 48, 8],
    domain_info: [{ type: 4, operations: 8, pageSizes: 16, aperture: 24 }, 40, 8],
    unmapped: [{ size: 0, gather: 8 }, 32, 8],
  };
  for (const [name, [offsets, size, align]] of Object.entries(BY_HAND)) {
    it(`is as counted by hand: ${name}`, () => {
      const struct = structNamed(name);
      assert.deepEqual([offsetsOf(struct), struct.size, struct.align], [offsets, size, align]);
      assert.strictEqual(struct.name, `tck_${name}`);
    });
  }

  it('begins with a word of bits where fields may be left out, a bit for each in their order', () => {
    const { hasBits, members } = structNamed('fault_event');
    assert.isTrue(hasBits);
    assert.deepEqual(
      members.flatMap(({ field, bit }) => (bit === undefined ? [] : [[field, bit]])),
      [
        ['iova', 0],
        ['access', 1],
        ['guest', 2],
      ],
    );
    assert.isFalse(structNamed('mapping').hasBits);
  });

  it('has a field of several kinds of a union once', () => {
    const one = union('either', { none: {}, left: { handle: u32 }, right: { handle: u32, at: word } });
    const { members, size } = structOf(one);
    assert.deepEqual(
      members.map(({ field, kinds, offset }) => [field, kinds, offset]),
      [
        ['kind', undefined, 0],
        ['handle', ['left', 'right'], 4],
        ['at', ['right'], 8],
      ],
    );
    assert.strictEqual(size, 16);
  });

  it('of one that holds nothing has room for a word', () => {
    assert.include(structOf(record('empty', {})), { size: 0, align: 4 });
    assert.include(structOf(union('empty', { none: {} })), { size: 4, align: 4 });
  });

  it('of a union with a field that may be left out is refused', () => {
    const bad = union('bad', { one: { handle: optional(u32) } });
    assert.throws(() => structOf(bad), TypeError, 'bad: a field of a union is never left out');
  });

  it('is the same however often it is asked for', () => {
    for (const shape of STRUCTS) assert.strictEqual(structOf(shape), structOf(shape));
  });
});

describe('the size of an item', () => {
  const region = SHAPES.get('reserved_region')!;
  const SIZES: readonly (readonly [Shape, number])[] = [
    [bytes, 1],
    [text, 4],
    [u32, 4],
    [word, 8],
    [list(word), 8],
    [region, 24],
  ];
  for (const [shape, size] of SIZES) it(`is ${size}: ${shape.kind}`, () => assert.strictEqual(itemSize(shape), size));
});

describe('the signature of a method', () => {
  const exported = (name: string): Method => EXPORTS.find((one) => one.name === name)!.method;
  const shown = (method: Method): string => {
    const { params, returns } = signatureOf(method);
    return `${params.map(({ pass, slot }) => `${pass} ${slot.kind} ${slot.name}`).join(', ')} -> ${returns}`;
  };
  const BY_HAND: readonly (readonly [Method, string])[] = [
    [PLATFORM.barrier, ' -> void'],
    [PLATFORM.read8, 'value u64 pa -> u32'],
    [PLATFORM.now, ' -> u64'],
    [PLATFORM.lock, 'value text name -> void'],
    [PLATFORM.pageAlloc, 'in struct request, out u64 value -> errno'],
    [PLATFORM.copyIn, 'value u64 address, value u32 length, room items value -> errno'],
    [PLATFORM.copyOut, 'value u64 address, in items bytes, value u32 bytes_size -> errno'],
    [exported('driver_start'), 'in struct surroundings -> errno'],
    [exported('iommu_capable'), 'value u32 device, value u32 capability, out u32 value -> errno'],
    [exported('iommu_reserved_regions'), 'value u32 device, out items value, out u32 value_count -> errno'],
    [exported('iommu_read_and_clear_dirty'), 'value u32 domain, in struct range, out items value, out u32 value_size -> errno'],
    [call({}), ' -> errno'],
  ];
  for (const [method, signature] of BY_HAND) it(signature, () => assert.strictEqual(shown(method), signature));

  it('is refused where what cannot refuse gives more than a number', () => {
    for (const shape of [text, bytes, list(u32), record('one', { handle: u32 })])
      assert.throws(() => signatureOf(ask({}, shape)), TypeError, 'a method that cannot refuse gives one number');
  });
});

const clang = tool('clang');

/** What the layout says of each structure, as C that compiles when the compiler says the same. */
function assertions(): string {
  const claims = STRUCTS.map(structOf).flatMap(({ name, hasBits, members, size, align }) => [
    `sizeof(struct ${name}) == ${size}`,
    `_Alignof(struct ${name}) == ${align}`,
    ...(hasBits ? [`offsetof(struct ${name}, has) == 0`] : []),
    // What a member needs two slots for is an address and a number, of 4 bytes each.
    ...members.flatMap(({ slots, offset }) =>
      slots.map((slot, index) => `offsetof(struct ${name}, ${slot.name}) == ${offset + 4 * index}`),
    ),
  ]);
  return ['#include "iommu_tck.h"', ...claims.map((claim) => `_Static_assert(${claim}, "${claim}");`), ''].join('\n');
}

describe('the layout of every structure', { skip: clang.found === undefined && `clang is missing: ${clang.hint}` }, () => {
  it('is that of the compiler', () => {
    const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
    try {
      const file = join(folder, 'layout.c');
      writeFileSync(file, assertions());
      const args = ['--target=wasm32', '-std=c11', '-ffreestanding', '-fsyntax-only', '-Werror', `-I${INCLUDE}`, file];
      const { status, stderr } = spawnSync('clang', args, { encoding: 'utf8' });
      assert.strictEqual(stderr, '');
      assert.strictEqual(status, 0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('every structure of the header is laid out', () => {
  const declared = [...readFileSync(HEADER, 'utf8').matchAll(/^struct (\w+) \{$/gm)].map(([, name]) => name);
  assert.sameMembers(
    declared,
    STRUCTS.map((shape) => structOf(shape).name),
  );
});
