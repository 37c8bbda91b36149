import { suite, test } from 'node:test';
import { assert } from 'chai';
import { HW_INFO } from '#drivers/contract/uapi';
import { IOCTLS, leastBytesOf, requestOf } from '#drivers/contract/uapi-iommufd';
import * as values from '#drivers/contract/uapi-iommufd-values';
import { layoutLaws } from '#hw-models/core/laws';
import { ok } from '#hw-models/core/result';
import { boot, PAGE, riscvWith, TOY, valueOf, type Process } from './boot.test';

const { HW_INFO_INPUT_TYPE, OPTION, OPTION_OP } = values;

suite('structures', () => {
  const layouts = [
    ...Object.values(IOCTLS).map(({ layout }) => layout),
    values.Pgfault,
    values.PageResponseRecord,
    values.VeventHeader,
    values.HwCapabilities,
  ];
  for (const layout of layouts) test(layout.name, () => layoutLaws(layout));

  test('have the numbers and sizes of Linux', () => {
    assert.equal(requestOf(IOCTLS.IOMMU_DESTROY), 0x3b80);
    assert.equal(requestOf(IOCTLS.IOMMU_HW_QUEUE_ALLOC), 0x3b94);
    const sizes = [IOCTLS.IOMMU_HWPT_ALLOC, IOCTLS.IOMMU_GET_HW_INFO, IOCTLS.IOMMU_VIOMMU_ALLOC, IOCTLS.IOMMU_IOAS_MAP];
    assert.deepEqual(
      sizes.map((ioctl) => [leastBytesOf(ioctl), ioctl.layout.width / 8]),
      [
        [24, 48],
        [32, 40],
        [24, 40],
        [40, 40],
      ],
    );
  });
});

suite('information on hardware', () => {
  const info = async (process: Process, dev_id: number, more: object = {}): Promise<string> => {
    const data_uptr = await process.memory();
    await process.iommufd.userWrite(data_uptr, new Uint8Array(64).fill(0xaa));
    const came = await process.ioctl('IOMMU_GET_HW_INFO', { dev_id, data_len: 4096, data_uptr, ...more });
    const bytes = valueOf<Uint8Array>(await process.iommufd.userRead(data_uptr, 24));
    const { data_len, out_data_type, out_capabilities, out_max_pasid_log2 } = came.fields;
    const said = `type ${out_data_type}, ${data_len} bytes, capabilities ${out_capabilities}, PASIDs ${out_max_pasid_log2}`;
    return `${came.answer}: ${said}, ${[4, 15, 16, 23].map((at) => (bytes[at] === 0xaa ? '-' : bytes[at])).join(' ')}`;
  };

  test('is as long as it is, and what is beyond it is cleared', async () => {
    const process = await boot();
    const device = await process.bound(1);
    assert.match(await info(process, device), /^ok: type 64, 16 bytes, capabilities 8, PASIDs 0, \d+ 0 0 0$/);
    assert.match(await info(process, device, { data_len: 4 }), /^ok: type 64, 16 bytes, .*, - - - -$/);
    assert.match(await info(process, device, { data_len: 0, data_uptr: 1n }), /^ok: type 64, 16 bytes/);
    assert.match(await info(process, device, { data_len: 8, data_uptr: 0n }), /^EFAULT/);
  });

  test('has the type that is asked for', async () => {
    const process = await boot();
    const device = await process.bound(1);
    const asked = (out_data_type: number, flags = HW_INFO_INPUT_TYPE): Promise<string> => info(process, device, { flags, out_data_type });
    assert.match(await asked(HW_INFO.RISCV_IOMMU), /^ok: type 64/);
    assert.match(await asked(HW_INFO.NONE), /^ok: type 64/);
    assert.match(await asked(HW_INFO.INTEL_VTD), /^EOPNOTSUPP/);
    assert.match(await asked(0xdead, 0), /^ok: type 64/);
    assert.match(await info(process, 99, { __reserved: 1n }), /^EOPNOTSUPP/);
    assert.match(await info(process, 99), /^ENOENT/);
  });

  test('is none where the driver says nothing', async () => {
    const process = await boot(TOY);
    const device = await process.bound(1, { ats: true });
    assert.equal(await info(process, device, { out_data_type: 5 }), 'ok: type 0, 0 bytes, capabilities 0, PASIDs 0, 0 0 0 0');
  });

  test('says how many PASIDs there are', async () => {
    const process = await boot(riscvWith(() => ({}), { pasid: true }));
    assert.match(await info(process, await process.bound(1, { pasidBits: 20 })), /PASIDs 20/);
  });
});

suite('options', () => {
  const option = async (process: Process, values: object): Promise<string> => {
    const { answer, fields } = await process.ioctl('IOMMU_OPTION', values);
    return answer === 'ok' ? `${fields.val64}` : answer;
  };

  test('of accounting are set before there is anything', async () => {
    const process = await boot();
    const mode = (values: object): Promise<string> => option(process, { option_id: OPTION.RLIMIT_MODE, op: OPTION_OP.SET, ...values });
    assert.deepEqual([await mode({ val64: 2n }), await mode({ val64: 1n }), await mode({ op: 5 })], ['EINVAL', '1', 'EOPNOTSUPP']);
    assert.deepEqual([await mode({ op: OPTION_OP.GET, val64: 9n }), await mode({ object_id: 1 })], ['1', 'EOPNOTSUPP']);
    await process.ioas();
    assert.equal(await mode({ val64: 2n }), 'EBUSY');
  });

  test('of pages belong to an IOAS', async () => {
    const process = await boot();
    const object_id = await process.ioas();
    const pages = (values: object): Promise<string> =>
      option(process, { option_id: OPTION.HUGE_PAGES, object_id, op: OPTION_OP.SET, ...values });
    assert.deepEqual([await pages({ op: OPTION_OP.GET }), await pages({ val64: 2n }), await pages({ val64: 0n })], ['1', 'EINVAL', '0']);
    assert.equal(await process.map(object_id, 0x1001n, await process.memory()), 'EINVAL');
    assert.deepEqual([await pages({ val64: 1n }), await pages({ object_id: 99 })], ['1', 'ENOENT']);
    await process.attach(await process.bound(1), object_id);
    await process.map(object_id, 0x1000n, await process.memory(2), 2n * PAGE);
    assert.deepEqual([await pages({ val64: 0n }), await pages({ val64: 1n })], ['EINVAL', '1']);
  });

  test('of VFIO name an IOAS', async () => {
    const process = await boot();
    const vfio = async (op: number, ioas_id = 0): Promise<string> => {
      const { answer, fields } = await process.ioctl('IOMMU_VFIO_IOAS', { op, ioas_id });
      return `${answer} ${fields.ioas_id}`;
    };
    const ioas = await process.ioas();
    assert.deepEqual([await vfio(0), await vfio(1, 99), await vfio(1, ioas), await vfio(0)], ['ENODEV 0', 'ENOENT 99', 'ok 1', 'ok 1']);
    await process.destroy(ioas);
    assert.deepEqual([await vfio(0), await vfio(2), await vfio(3)], ['ENODEV 0', 'ok 0', 'EOPNOTSUPP 0']);
  });

  test('of a process cannot change what it mapped', async () => {
    const process = await boot();
    const ioas = await process.ioas();
    assert.equal(await process.answer('IOMMU_IOAS_CHANGE_PROCESS'), 'ok');
    await process.map(ioas, 0x1000n, await process.memory());
    assert.equal(await process.answer('IOMMU_IOAS_CHANGE_PROCESS'), 'EINVAL');
  });
});

suite('dirty pages', () => {
  /** A driver that says that every second page is dirty. */
  const tracking = (calls: string[]) =>
    riscvWith((driver) => ({
      capable: (_device, capability) => ok(capability !== 'enforce-cache-coherency'),
      domainAlloc: (spec) => driver.domainAlloc({ ...spec, flags: 0 }),
      domainInfo: (domain) => {
        const info = driver.domainInfo(domain) as { readonly ok: true; readonly value: object };
        return { ...info, value: { ...info.value, operations: ['map', 'unmap', 'dirtyTracking'] } } as never;
      },
      setDirtyTracking: (_domain, enable) => {
        calls.push(enable ? 'on' : 'off');
        return ok(null);
      },
      readAndClearDirty: (_domain, { iova, size, clear }) => {
        calls.push(`${clear ? 'clear' : 'read'} ${iova.toString(16)}+${size.toString(16)}`);
        return ok(new Uint8Array(8).fill(0b0101_0101));
      },
    }));

  test('are told by bits, and forgotten when tracking begins', async () => {
    const calls: string[] = [];
    const process = await boot(tracking(calls));
    const device = await process.bound(1);
    const ioas = await process.ioas();
    const hwpt_id = await process.hwpt(device, ioas, 2);
    await process.map(ioas, 0x4000n, await process.memory(4), 4n * PAGE);
    const set = (flags: number, more = {}): Promise<string> => process.answer('IOMMU_HWPT_SET_DIRTY_TRACKING', { hwpt_id, flags, ...more });
    const answers = [await set(1), await set(1, { __reserved: 1n }), await set(0), await set(2), await set(1, { hwpt_id: ioas })];
    assert.deepEqual(answers, ['ok', 'ok', 'ok', 'EOPNOTSUPP', 'ENOENT']);
    assert.deepEqual(calls, ['clear 4000+4000', 'on', 'clear 4000+4000', 'on', 'off']);
    const data = await process.memory();
    const get = (values: object): Promise<string> =>
      process.answer('IOMMU_HWPT_GET_DIRTY_BITMAP', { hwpt_id, iova: 0x4000n, length: 0x4000n, page_size: PAGE, data, ...values });
    assert.equal(await get({}), 'ok');
    assert.equal(await process.word(data), 0b0101n);
    assert.equal(await get({ page_size: 2n * PAGE, flags: 1 }), 'ok');
    assert.equal(await process.word(data), 0b0111n);
    assert.equal(calls.at(-1), 'read 4000+4000');
    const rows: readonly (readonly [object, string])[] = [
      [{ flags: 2, hwpt_id: 99 }, 'EOPNOTSUPP'],
      [{ hwpt_id: 99, length: 0n }, 'ENOENT'],
      [{ length: 0n }, 'EOVERFLOW'],
      [{ iova: 0n, length: 0n }, 'EINVAL'],
      [{ length: 2n ** 64n - 0x1000n }, 'EOVERFLOW'],
      [{ iova: 0x4001n }, 'EINVAL'],
      [{ page_size: 0n }, 'EINVAL'],
      [{ page_size: 3n }, 'EINVAL'],
      [{ page_size: 0x8000n }, 'EINVAL'],
      [{ iova: 0x8000n }, 'EINVAL'],
      [{ data: 0x10n }, 'EFAULT'],
    ];
    for (const [values, answer] of rows) assert.equal(await get(values), answer, Object.keys(values).join(' '));
  });

  test('are what Linux says of them where nobody is stricter', async () => {
    const process = await boot(tracking([]), { hardened: false });
    const device = await process.bound(1);
    const ioas = await process.ioas();
    const hwpt_id = await process.hwpt(device, ioas, 2);
    const get = (values: object): Promise<string> =>
      process.answer('IOMMU_HWPT_GET_DIRTY_BITMAP', { hwpt_id, iova: 0x4000n, length: 0x4000n, page_size: PAGE, ...values });
    assert.deepEqual([await get({}), await get({ page_size: 3n }), await get({ iova: 0n, length: 0n })], ['ok', 'ok', 'ok']);
    assert.equal(await process.answer('IOMMU_HWPT_ALLOC', { dev_id: device, pt_id: ioas, __reserved2: 1n }), 'ok');
  });

  test('are nobody’s without a driver that knows', async () => {
    const process = await boot();
    const device = await process.bound(1);
    const hwpt_id = await process.hwpt(device, await process.ioas());
    const get = { hwpt_id, iova: 0x4000n, length: 0x4000n, page_size: PAGE };
    assert.equal(await process.answer('IOMMU_HWPT_SET_DIRTY_TRACKING', { hwpt_id, flags: 1 }), 'EOPNOTSUPP');
    assert.equal(await process.answer('IOMMU_HWPT_GET_DIRTY_BITMAP', get), 'EOPNOTSUPP');
    assert.equal(await process.answer('IOMMU_HWPT_ALLOC', { dev_id: device, pt_id: 2, flags: 2 }), 'EOPNOTSUPP');
  });
});
