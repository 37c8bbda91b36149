import { suite, test } from 'node:test';
import { assert } from 'chai';
import { MAP_FIXED_IOVA, MAP_READABLE, MAP_WRITEABLE } from '#drivers/contract/uapi-iommufd-values';
import { IovaRange } from '#drivers/contract/uapi-iommufd';
import { ANYWHERE, boot, FIXED, PAGE, TOY, type Process } from './boot.test';
import { bytesFrom } from './bytes';

const LAST = 2n ** 64n - 1n;

suite('a mapping without a device', () => {
  test('is checked in the order of Linux', async () => {
    const process = await boot();
    const ioas_id = await process.ioas();
    const user_va = await process.memory(4);
    const map = (values: object): Promise<string> =>
      process.answer('IOMMU_IOAS_MAP', { flags: FIXED, ioas_id, user_va, length: PAGE, iova: 0x1000n, ...values });
    const rows: readonly (readonly [values: object, answer: string])[] = [
      [{ flags: 8, iova: LAST }, 'EOPNOTSUPP'],
      [{ __reserved: 1n, iova: LAST }, 'EOPNOTSUPP'],
      [{ iova: LAST, flags: MAP_FIXED_IOVA }, 'EOVERFLOW'],
      [{ length: LAST, flags: MAP_FIXED_IOVA }, 'EOVERFLOW'],
      [{ flags: MAP_FIXED_IOVA, ioas_id: 99 }, 'EINVAL'],
      [{ ioas_id: 99, length: 0n }, 'ENOENT'],
      [{ length: 0n }, 'EINVAL'],
      [{ user_va: LAST, length: 2n }, 'EOVERFLOW'],
      [{ iova: LAST - 1n, length: 3n }, 'EOVERFLOW'],
      [{}, 'ok'],
      [{}, 'EEXIST'],
      [{ iova: 0x2001n }, 'ok'],
      [{ iova: 0x5000n, length: 0x801n }, 'ok'],
      [{ iova: 0x10_0000n, user_va: 0xdead_0000_0000_0000n }, 'ok'],
    ];
    for (const [values, answer] of rows) assert.equal(await map(values), answer, JSON.stringify(Object.keys(values)));
  });

  test('goes where there is room, at the offset in its page that the memory has', async () => {
    const process = await boot();
    const ioas_id = await process.ioas();
    const user_va = await process.memory(4);
    const where = async (length: bigint, at = user_va): Promise<bigint | string> => {
      const { answer, fields } = await process.ioctl('IOMMU_IOAS_MAP', { flags: ANYWHERE, ioas_id, user_va: at, length });
      return answer === 'ok' ? fields.iova : answer;
    };
    assert.deepEqual([await where(2n * PAGE), await where(PAGE)], [0x1000n, 0x3000n]);
    assert.equal(((await where(16n, user_va + 0x30n)) as bigint) % PAGE, 0x30n);
    assert.equal(await where(2n ** 63n), 'EOVERFLOW');
  });

  test('is taken away as it was made, whole', async () => {
    const process = await boot();
    const ioas_id = await process.ioas();
    const user_va = await process.memory(4);
    await process.map(ioas_id, 0x1_0000n, user_va, 4n * PAGE);
    const unmap = async (iova: bigint, length: bigint): Promise<string> => {
      const { answer, fields } = await process.ioctl('IOMMU_IOAS_UNMAP', { ioas_id, iova, length });
      return answer === 'ok' ? `${fields.length}` : answer;
    };
    const rows: readonly (readonly [bigint, bigint, string])[] = [
      [0x1_1000n, PAGE, 'ENOENT'],
      [0x1_0000n, 2n * PAGE, 'ENOENT'],
      [0x5_0000n, PAGE, 'ENOENT'],
      [0x1_0000n, 0n, 'EINVAL'],
      [0x1_0000n, 0xffff_ffff_ffff_f000n, 'EOVERFLOW'],
      [LAST, PAGE, 'EOVERFLOW'],
      [0xf000n, 6n * PAGE, '16384'],
      [0n, LAST, '0'],
    ];
    for (const [iova, length, answer] of rows) assert.equal(await unmap(iova, length), answer);
  });

  test('can be copied to another IOAS, as far as there is one', async () => {
    const process = await boot();
    const [from, to] = [await process.ioas(), await process.ioas()];
    await process.map(from, 0x1_0000n, await process.memory(2), 2n * PAGE);
    await process.map(from, 0x2_0000n, await process.memory(1, false), PAGE, MAP_FIXED_IOVA | MAP_READABLE);
    const copy = (src_iova: bigint, length: bigint, flags: number): Promise<string> =>
      process.answer('IOMMU_IOAS_COPY', { flags, src_ioas_id: from, dst_ioas_id: to, src_iova, length, dst_iova: src_iova });
    assert.deepEqual(
      [
        await copy(0x1_1000n, PAGE, FIXED),
        await copy(0x1_1000n, 2n * PAGE, FIXED),
        await copy(0x2_0000n, PAGE, FIXED),
        await copy(0x2_0000n, PAGE, MAP_FIXED_IOVA | MAP_READABLE),
        await copy(0x1_0000n, 0n, FIXED),
        await copy(0x1_0000n, PAGE, MAP_FIXED_IOVA),
      ],
      ['ok', 'ENOENT', 'EPERM', 'ok', 'EINVAL', 'EINVAL'],
    );
  });
});

suite('ranges', () => {
  const ranges = async (process: Process, ioas_id: number, slots: number): Promise<string> => {
    const allowed_iovas = await process.memory();
    const { answer, fields } = await process.ioctl('IOMMU_IOAS_IOVA_RANGES', { ioas_id, num_iovas: slots, allowed_iovas });
    const found: string[] = [];
    for (let index = 0; index < Math.min(slots, fields.num_iovas); index++) {
      const at = allowed_iovas + BigInt(index * 16);
      found.push(`${(await process.word(at)).toString(16)}-${(await process.word(at + 8n)).toString(16)}`);
    }
    return `${answer}: ${fields.num_iovas} aligned to ${fields.out_iova_alignment}, ${found.join(' ')}`;
  };

  test('are everything, and what devices leave of it', async () => {
    const process = await boot();
    const ioas = await process.ioas();
    assert.equal(await ranges(process, ioas, 4), 'ok: 1 aligned to 1, 0-ffffffffffffffff');
    assert.equal(await ranges(process, ioas, 0), 'EMSGSIZE: 1 aligned to 1, ');
    const device = await process.bound(1, { reserved: [{ start: 0xfee0_0000n, length: 0x10_0000n, kind: 'msi' }] });
    await process.attach(device, ioas);
    assert.equal(await ranges(process, ioas, 4), `ok: 2 aligned to 4096, 0-fedfffff fef00000-${(2n ** 56n - 1n).toString(16)}`);
    assert.equal(await ranges(process, ioas, 1), 'EMSGSIZE: 2 aligned to 4096, 0-fedfffff');
    await process.detach(device);
    assert.equal(await ranges(process, ioas, 4), 'ok: 1 aligned to 1, 0-ffffffffffffffff');
  });

  test('that are allowed bind what comes later', async () => {
    const process = await boot();
    const ioas_id = await process.ioas();
    const allow = async (...allowed: readonly (readonly [bigint, bigint])[]): Promise<string> => {
      const at = await process.memory();
      for (const [index, [start, last]] of allowed.entries())
        await process.iommufd.userWrite(at + BigInt(index * 16), bytesFrom(IovaRange.encode({ start, last }), 16));
      return process.answer('IOMMU_IOAS_ALLOW_IOVAS', { ioas_id, num_iovas: allowed.length, allowed_iovas: at });
    };
    assert.equal(await allow([0x1000n, 0x1000n]), 'EINVAL');
    assert.equal(await allow([0x1000n, 0x2fffn], [0x2000n, 0x4fffn]), 'EINVAL');
    assert.equal(await allow([0xfee0_0000n, 0xfee0_0fffn]), 'ok');
    const device = await process.bound(1, { reserved: [{ start: 0xfee0_0000n, length: 0x10_0000n, kind: 'msi' }] });
    assert.equal(await process.attach(device, ioas_id), 'EADDRINUSE');
    assert.equal(await allow([0x1_0000n, 0xf_ffffn]), 'ok');
    assert.equal(await process.attach(device, ioas_id), '3');
    assert.equal(await allow([0xfee0_0000n, 0xfee0_0fffn]), 'EADDRINUSE');
    const { fields } = await process.ioctl('IOMMU_IOAS_MAP', { flags: ANYWHERE, ioas_id, user_va: await process.memory(), length: PAGE });
    assert.equal(fields.iova, 0x1_0000n);
  });
});

for (const below of [undefined, TOY]) {
  suite(`a mapping above ${below?.module.manifest.name ?? 'riscv'}`, () => {
    test('is where the device reaches the user’s page, and only as long as it is there', async () => {
      const process = await boot(below);
      const device = await process.bound(1);
      const ioas = await process.ioas();
      const page = await process.memory(2);
      assert.equal(await process.map(ioas, 0x1_0000n, page, 2n * PAGE), 'ok');
      assert.equal(process.write(1, 0x1_1008n), 'faulted');
      assert.equal(await process.attach(device, ioas), '3');
      assert.equal(process.write(1, 0x1_1008n), 'translated');
      assert.equal(await process.word(page + 0x1008n), 0x1122_3344_5566_7788n);
      assert.equal(await process.answer('IOMMU_IOAS_UNMAP', { ioas_id: ioas, iova: 0x1_0000n, length: 2n * PAGE }), 'ok');
      assert.equal(process.write(1, 0x1_1008n), 'faulted');
    });

    test('keeps the memory that the process gives back', async () => {
      const process = await boot(below);
      const device = await process.bound(1);
      const ioas = await process.ioas();
      const page = await process.memory();
      await process.map(ioas, 0x1_0000n, page);
      await process.attach(device, ioas);
      await process.iommufd.munmap(page, 4096);
      assert.equal(process.write(1, 0x1_0000n), 'translated');
      assert.equal((await process.iommufd.userRead(page, 8)).ok, false);
      await process.detach(device);
      assert.notInclude(process.held(), 'page:object');
    });

    test('of memory that is not there is refused when devices are to reach it', async () => {
      const process = await boot(below);
      const device = await process.bound(1);
      const ioas = await process.ioas();
      await process.map(ioas, 0x1_0000n, 0xdead_0000n);
      assert.equal(await process.attach(device, ioas), 'EFAULT');
      await process.answer('IOMMU_IOAS_UNMAP', { ioas_id: ioas, iova: 0n, length: LAST });
      assert.equal(await process.attach(device, ioas), '3');
      assert.equal(await process.map(ioas, 0x1_0000n, await process.memory(1, false)), 'EFAULT');
      const readable = MAP_FIXED_IOVA | MAP_READABLE;
      assert.equal(await process.map(ioas, 0x1_0000n, await process.memory(1, false), PAGE, readable), 'ok');
      assert.equal(process.write(1, 0x1_0000n), 'faulted');
      assert.equal(await process.map(ioas, 0x2_0800n, await process.memory()), 'EINVAL');
      assert.equal(MAP_WRITEABLE, 2);
    });
  });
}
