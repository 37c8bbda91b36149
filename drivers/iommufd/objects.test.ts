import { suite, test } from 'node:test';
import { assert } from 'chai';
import { HWPT_DATA, HwptRiscv } from '#drivers/contract/uapi';
import { IOCTLS, requestOf } from '#drivers/contract/uapi-iommufd';
import { Iosatp, Tc } from '#hw-models/riscv-iommu/contexts';
import { boot, FIXED, PAGE, riscvWith, shown, valueOf, type Process } from './boot.test';
import { bytesFrom } from './bytes';

suite('the frame of an ioctl', () => {
  test('has a size, and zeros beyond what is known', async () => {
    const process = await boot();
    const answer = async (bytes: readonly number[], request = requestOf(IOCTLS.IOMMU_IOAS_ALLOC)): Promise<string> => {
      const at = await process.memory();
      await process.iommufd.userWrite(at, Uint8Array.from(bytes));
      return shown(await process.iommufd.ioctl(process.file, request, at));
    };
    assert.equal(await answer([4]), 'EINVAL');
    assert.equal(await answer([11]), 'EINVAL');
    assert.equal(await answer([12]), '0');
    assert.equal(await answer([16]), '0');
    assert.equal(await answer([16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), 'E2BIG');
    assert.equal(await answer([12, 0, 0, 0, 1]), 'EOPNOTSUPP');
    assert.equal(await answer([12], 0x3bf0), 'ENOTTY');
    assert.equal(await answer([12], 0xc000_3b81), 'ENOTTY');
    assert.equal(shown(await process.iommufd.ioctl(process.file, 0x3b81, 0n)), 'EFAULT');
    assert.equal(shown(await process.iommufd.ioctl(99, 0x3b81, 0n)), 'EINVAL');
  });

  test('that cannot be answered makes nothing', async () => {
    const process = await boot();
    const before = process.held();
    const at = valueOf<bigint>(await process.iommufd.userAlloc(4096, false));
    await process.iommufd.userWrite(at, Uint8Array.of(12));
    assert.equal(shown(await process.iommufd.ioctl(process.file, 0x3b81, at)), 'EFAULT');
    await process.iommufd.munmap(at, 4096);
    assert.equal(process.held(), before);
    assert.equal(await process.ioas(), 1);
  });

  test('is copied back as far as the user has it', async () => {
    const process = await boot();
    const device = await process.bound(1);
    const { answer, fields } = await process.ioctl('IOMMU_HWPT_ALLOC', { dev_id: device, pt_id: await process.ioas(), data_uptr: 7n }, 24);
    assert.deepEqual([answer, fields.out_hwpt_id, fields.data_uptr], ['ok', 3, 7n]);
  });
});

suite('objects', () => {
  test('are numbered from 1 on, and the lowest number is used again', async () => {
    const process = await boot();
    assert.deepEqual([await process.ioas(), await process.ioas(), await process.destroy(1), await process.ioas()], [1, 2, 'ok', 1]);
    assert.deepEqual([await process.destroy(0), await process.destroy(9)], ['ENOENT', 'ENOENT']);
  });

  test('stay as long as others use them', async () => {
    const process = await boot();
    const device = await process.bound(1);
    const ioas = await process.ioas();
    const hwpt = await process.hwpt(device, ioas);
    assert.equal(await process.destroy(ioas), 'EBUSY');
    assert.equal(await process.destroy(device), 'EBUSY');
    await process.attach(device, hwpt);
    assert.equal(await process.destroy(hwpt), 'EBUSY');
    assert.equal(await process.detach(device), 'ok');
    assert.deepEqual([await process.destroy(hwpt), await process.destroy(hwpt), await process.destroy(ioas)], ['ok', 'ENOENT', 'ok']);
  });

  test('of an IOAS’s own go with the last device', async () => {
    const process = await boot();
    const device = await process.bound(1);
    const [one, other] = [await process.ioas(), await process.ioas()];
    assert.equal(await process.attach(device, one), '4');
    assert.equal(await process.attach(device, one), 'EBUSY');
    assert.equal(await process.replace(device, other), '5');
    assert.equal(await process.destroy(4), 'ENOENT');
    await process.detach(device);
    assert.deepEqual([await process.destroy(5), await process.destroy(one), await process.destroy(other)], ['ENOENT', 'ok', 'ok']);
  });

  test('go all when the file is closed, and the device is blocked', async () => {
    const process = await boot();
    const empty = process.held();
    const device = await process.bound(1);
    const ioas = await process.ioas();
    const page = await process.memory();
    await process.map(ioas, 0x1000n, page);
    await process.attach(device, ioas);
    assert.equal(process.write(1, 0x1000n), 'translated');
    await process.iommufd.close(process.file);
    assert.equal(process.write(1, 0x1000n), 'faulted');
    await process.iommufd.munmap(page, 4096);
    await process.below.releaseDevice(1);
    assert.equal(
      process.held().replace(/, \d+ page:device-table|\d+ page:device-table, /, ''),
      empty.replace(/, \d+ page:device-table|\d+ page:device-table, /, ''),
    );
    await process.started.stop();
    assert.equal(process.held(), '');
  });
});

suite('devices', () => {
  test('of a group share what they are attached to, and who has them', async () => {
    const process = await boot();
    const [first, second] = [await process.bound(1, { group: 7 }), await process.bound(2, { group: 7 })];
    const ioas = await process.ioas();
    const [one, other] = [await process.hwpt(first, ioas), await process.hwpt(first, ioas)];
    await process.map(ioas, 0x1000n, await process.memory());
    assert.equal(await process.attach(first, one), `${one}`);
    assert.equal(process.write(2, 0x1000n), 'translated');
    assert.deepEqual([await process.attach(second, other), await process.replace(second, other)], ['EINVAL', 'EINVAL']);
    assert.equal(await process.attach(second, one), `${one}`);
    assert.equal(await process.replace(second, other), `${other}`);
    assert.equal(await process.destroy(one), 'ok');
    assert.equal(await process.detach(first), 'ok');
    assert.equal(process.write(1, 0x1000n), 'translated');
    assert.deepEqual([await process.detach(first), await process.destroy(other)], ['ok', 'EBUSY']);
    assert.equal(await process.detach(second), 'ok');
    assert.equal(process.write(1, 0x1000n), 'faulted');
    const another = valueOf(await process.iommufd.open());
    assert.equal(shown(await process.iommufd.bind(another, 1)), 'EPERM');
  });

  test('that do not fit are not bound', async () => {
    const process = await boot();
    await process.probe(1, { coherent: false });
    await process.probe(2, { reserved: [{ start: 0x1000n, length: 0x1000n, kind: 'direct' }] });
    const answers = [1, 2, 3].map(async (device) => shown(await process.iommufd.bind(process.file, device)));
    assert.deepEqual(await Promise.all(answers), ['EINVAL', 'EINVAL', 'ENODEV']);
  });

  test('keep what they had when a replacement is refused', async () => {
    const state = { refuses: false };
    const below = riscvWith((driver) => ({
      replace: (device, domain, pasid) =>
        state.refuses && device === 2 ? { ok: false, errno: 'ENOMEM' } : driver.replace(device, domain, pasid),
    }));
    const process = await boot(below);
    const msi = { start: 0xfee0_0000n, length: 0x10_0000n, kind: 'msi' } as const;
    const device = await process.bound(1, { group: 7, reserved: [msi] });
    await process.probe(2, { group: 7 });
    const [one, other] = [await process.ioas(), await process.ioas()];
    const hwpt = await process.hwpt(device, one);
    await process.map(one, 0x1000n, await process.memory());
    await process.attach(device, hwpt);
    state.refuses = true;
    assert.equal(await process.replace(device, other), 'ENOMEM');
    assert.equal(await process.replace(device, await process.hwpt(device, one)), 'ENOMEM');
    assert.deepEqual([process.write(1, 0x1000n), process.write(2, 0x1000n)], ['translated', 'translated']);
    assert.equal(await process.map(one, 0xfee0_0000n, await process.memory()), 'EINVAL');
    assert.equal(await process.map(other, 0xfee0_0000n, await process.memory()), 'ok');
    state.refuses = false;
    assert.equal(await process.replace(device, other), 'EADDRINUSE');
  });

  test('without PASIDs get none', async () => {
    const process = await boot();
    const device = await process.bound(1, { pasidBits: 8 });
    const ioas = await process.ioas();
    assert.deepEqual(
      [await process.attach(device, ioas, 5), await process.attach(device, 99, 5), await process.attach(device, device, 5)],
      ['EINVAL', 'ENOENT', 'EINVAL'],
    );
    assert.deepEqual([await process.replace(device, ioas, 5), await process.detach(device, 5)], ['EINVAL', 'ok']);
  });
});

suite('nested HWPTs', () => {
  const guest = async (
    process: Process,
  ): Promise<{ readonly data_type: number; readonly data_len: number; readonly data_uptr: bigint }> => {
    const data_uptr = await process.memory();
    const raw = HwptRiscv.encode({ tc: Tc.encode({ V: true }), fsc: Iosatp.encode({ MODE: 'Bare' }) });
    await process.iommufd.userWrite(data_uptr, bytesFrom(raw, 64));
    return { data_type: HWPT_DATA.RISCV_IOMMU, data_len: 64, data_uptr };
  };

  test('stand on a nest parent, and are invalidated', async () => {
    const process = await boot();
    const device = await process.bound(1);
    const ioas = await process.ioas();
    const [plain, parent] = [await process.hwpt(device, ioas), await process.hwpt(device, ioas, 1)];
    const data = await guest(process);
    const alloc = (pt_id: number, more = {}): Promise<string> =>
      process.answer('IOMMU_HWPT_ALLOC', { dev_id: device, pt_id, ...data, ...more });
    assert.deepEqual(
      [await alloc(plain), await alloc(99), await alloc(device), await alloc(parent, { flags: 1 })],
      ['EINVAL', 'EINVAL', 'EINVAL', 'EOPNOTSUPP'],
    );
    assert.deepEqual(
      [await alloc(plain, { flags: 2 }), await alloc(parent, { data_len: 0 }), await alloc(parent, { dev_id: 99, data_len: 0 })],
      ['EOPNOTSUPP', 'EINVAL', 'EINVAL'],
    );
    assert.equal(await alloc(parent, { dev_id: 99 }), 'ENOENT');
    assert.equal(await alloc(parent, { flags: 4, fault_id: 99 }), 'ENOENT');
    const { answer, fields } = await process.ioctl('IOMMU_HWPT_ALLOC', { dev_id: device, pt_id: parent, ...data });
    const nested = fields.out_hwpt_id;
    assert.equal(answer, 'ok');
    assert.equal(await alloc(nested), 'EINVAL');
    await process.map(ioas, 0x1000n, await process.memory());
    assert.equal(await process.attach(device, nested), `${nested}`);
    assert.equal(process.write(1, 0x1000n), 'translated');
    assert.deepEqual([await process.destroy(nested), await process.destroy(parent)], ['EBUSY', 'EBUSY']);
    const invalidate = async (more: object): Promise<string> => {
      const came = await process.ioctl('IOMMU_HWPT_INVALIDATE', { hwpt_id: nested, data_type: 64, entry_len: 16, entry_num: 0, ...more });
      return `${came.answer} ${came.fields.entry_num}`;
    };
    assert.equal(await invalidate({}), 'ok 0');
    assert.equal(await invalidate({ __reserved: 1n, entry_num: 3 }), 'EOPNOTSUPP 0');
    assert.equal(await invalidate({ entry_num: 3, hwpt_id: 99 }), 'EINVAL 0');
    assert.equal(await invalidate({ entry_num: 3, hwpt_id: 99, data_uptr: 1n }), 'ENOENT 0');
    assert.equal(await invalidate({ hwpt_id: parent }), 'EINVAL 0');
    const entries = await process.memory();
    await process.iommufd.userWrite(entries, bytesFrom(1n, 16));
    await process.iommufd.userWrite(entries + 16n, bytesFrom(0x7fn, 16));
    assert.equal(await invalidate({ entry_num: 2, data_uptr: entries }), 'EOPNOTSUPP 1');
    await process.detach(device);
    assert.deepEqual([await process.destroy(nested), await process.destroy(parent), await process.destroy(plain)], ['ok', 'ok', 'ok']);
  });
});

suite('allocations that fail', () => {
  test('leave nothing', async () => {
    for (let n = 1; ; n++) {
      const process = await boot();
      const device = await process.bound(1);
      const ioas = await process.ioas();
      const page = await process.memory(2);
      await process.map(ioas, 0x1000n, page, 2n * PAGE, FIXED);
      const before = process.held();
      process.machine.resources.failNth(n);
      const came = await process.attach(device, ioas);
      if (process.machine.resources.failurePending) break;
      assert.oneOf(came, ['ENOMEM', 'ENOSPC', 'EFAULT'], `allocation ${n}`);
      assert.equal(process.held().replace(/\d+ page:device-table/, ''), before.replace(/\d+ page:device-table/, ''), `allocation ${n}`);
      process.machine.resources.failNth(0);
      assert.equal(await process.attach(device, ioas), '3');
    }
  });
});
