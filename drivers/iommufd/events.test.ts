import { suite, test } from 'node:test';
import { assert } from 'chai';
import { ALLOC_FAULT_ID_VALID, ALLOC_NEST_PARENT, NO_PASID } from '#drivers/contract/iommu';
import type { PageFault, PageResponse } from '#drivers/contract/upcalls';
import { PageResponseRecord, Pgfault, VeventHeader } from '#drivers/contract/uapi-iommufd-values';
import { done, ok, refuse } from '#hw-models/core/result';
import { answerOf, boot, riscvWith, shown, valueOf, type Process } from './boot.test';
import { bytesFrom, numberOf } from './bytes';

const RECORD = Pgfault.width / 8;

const FAULT: PageFault = {
  ...{ device: 1, pasid: NO_PASID, group: 7, last: true, iova: 0x5000n },
  ...{ read: true, write: true, execute: false, privileged: false },
};

interface Faulting {
  readonly process: Process;
  readonly device: number;
  readonly hwpt: number;
  readonly queue: number;
  readonly file: number;
  readonly responses: readonly PageResponse[];
}

/** A device whose page faults go to a queue. */
async function faulting(): Promise<Faulting> {
  const responses: PageResponse[] = [];
  const process = await boot(
    riscvWith(() => ({
      pageResponse: (response) => {
        responses.push(response);
        return done;
      },
    })),
  );
  const device = await process.bound(1);
  const { fields } = await process.ioctl('IOMMU_FAULT_QUEUE_ALLOC');
  const queue = fields.out_fault_id;
  const pt_id = await process.ioas();
  const made = await process.ioctl('IOMMU_HWPT_ALLOC', { dev_id: device, pt_id, flags: ALLOC_FAULT_ID_VALID, fault_id: queue });
  const hwpt = made.fields.out_hwpt_id;
  await process.attach(device, hwpt);
  return { process, device, hwpt, queue, file: fields.out_fault_fd, responses };
}

/** The records that a read of so many bytes gives: device, group, cookie. */
async function read({ process, file }: Faulting, bytes: number): Promise<string> {
  const buffer = await process.memory();
  const count = await process.iommufd.read(file, buffer, bytes, 0n);
  if (!count.ok) return count.errno;
  const records: string[] = [];
  for (let at = 0; at < count.value; at += RECORD) {
    const raw = numberOf(valueOf<Uint8Array>(await process.iommufd.userRead(buffer + BigInt(at), RECORD)));
    const { dev_id, grpid, cookie, flags, perm } = Pgfault.of(raw);
    records.push(`d${dev_id} group ${grpid} cookie ${cookie} flags ${flags} perm ${perm}`);
  }
  return records.join(', ');
}

async function answer({ process, file }: Faulting, ...answers: readonly (readonly [cookie: number, code: number])[]): Promise<string> {
  const buffer = await process.memory();
  for (const [index, [cookie, code]] of answers.entries())
    await process.iommufd.userWrite(buffer + BigInt(index * 8), bytesFrom(PageResponseRecord.encode({ cookie, code }), 8));
  return shown(await process.iommufd.write(file, buffer, answers.length * 8, 0n));
}

suite('a fault queue', () => {
  test('gives whole groups, and takes one answer for each', async () => {
    const scene = await faulting();
    const { process, upcalls } = { ...scene, upcalls: scene.process.upcalls };
    const ready = async (): Promise<boolean> => valueOf<{ readable: boolean }>(await process.iommufd.poll(scene.file)).readable;
    assert.equal(await ready(), false);
    assert.equal(await read(scene, 3 * RECORD), '');
    upcalls.reportPageFault({ ...FAULT, last: false });
    assert.equal(await ready(), false);
    upcalls.reportPageFault(FAULT);
    upcalls.reportPageFault({ ...FAULT, group: 8, write: false });
    assert.equal(await ready(), true);
    assert.deepEqual([await read(scene, RECORD), await read(scene, RECORD + 1)], ['EINVAL', 'ESPIPE']);
    const first = `d${scene.device} group 7 cookie 1`;
    assert.equal(await read(scene, 2 * RECORD), `${first} flags 0 perm 3, ${first} flags 2 perm 3`);
    assert.equal(await read(scene, 2 * RECORD), `d${scene.device} group 8 cookie 2 flags 2 perm 1`);
    assert.equal(await ready(), false);
    assert.deepEqual(
      [await answer(scene, [9, 0]), await answer(scene, [1, 2]), await answer(scene, [1, 0], [1, 0])],
      ['EINVAL', 'EINVAL', '8'],
    );
    assert.deepEqual(scene.responses, [{ device: 1, pasid: NO_PASID, group: 7, code: 'success' }]);
    assert.equal(await answer(scene, [2, 1]), '8');
    assert.equal(scene.responses.at(-1)!.code, 'invalid');
  });

  test('keeps what cannot be copied', async () => {
    const scene = await faulting();
    scene.process.upcalls.reportPageFault(FAULT);
    assert.equal(shown(await scene.process.iommufd.read(scene.file, 0x10n, RECORD, 0n)), 'EFAULT');
    assert.equal(shown(await scene.process.iommufd.read(scene.file, await scene.process.memory(), RECORD, 1n)), 'ESPIPE');
    assert.match(await read(scene, RECORD), /cookie 1 /);
    assert.equal(shown(await scene.process.iommufd.write(scene.file, 0x10n, 8, 0n)), 'EFAULT');
  });

  test('answers by itself what comes from a device that leaves', async () => {
    for (const leaves of [(scene: Faulting) => scene.process.detach(scene.device), leaveForAnother]) {
      const scene = await faulting();
      scene.process.upcalls.reportPageFault(FAULT);
      await read(scene, RECORD);
      scene.process.upcalls.reportPageFault({ ...FAULT, group: 8 });
      await leaves(scene);
      assert.deepEqual(scene.responses.map(({ group, code }) => `${group} ${code}`).sort(), ['7 invalid', '8 invalid']);
      assert.equal(await answer(scene, [1, 0]), 'EINVAL');
    }
  });

  test('stays as long as its file is open, and a HWPT has it', async () => {
    const { process, queue, hwpt, device, file } = await faulting();
    assert.equal(await process.destroy(queue), 'EBUSY');
    await process.iommufd.close(file);
    assert.equal(await process.destroy(queue), 'EBUSY');
    await process.detach(device);
    assert.deepEqual([await process.destroy(hwpt), await process.destroy(queue)], ['ok', 'ok']);
  });

  test('is nobody’s for a device that has none', async () => {
    const process = await boot();
    const device = await process.bound(1);
    await process.attach(device, await process.ioas());
    assert.equal(answerOf(process.upcalls.reportPageFault(FAULT)), 'EOPNOTSUPP');
    assert.equal(answerOf(process.upcalls.reportPageFault({ ...FAULT, device: 9 })), 'EOPNOTSUPP');
  });
});

async function leaveForAnother({ process, device }: Faulting): Promise<void> {
  assert.match(await process.replace(device, await process.ioas()), /^\d+$/);
}

/** A driver with virtual IOMMUs that do nothing. */
const VIRTUAL = riscvWith(
  (driver) => ({
    viommuAlloc: ({ type }) => (type === 1 ? ok(77) : refuse('EOPNOTSUPP')),
    viommuFree: () => done,
    vdeviceAlloc: () => ok(5),
    vdeviceFree: () => done,
    domainAlloc: (spec) => driver.domainAlloc(spec),
  }),
  { viommu: true },
);

suite('a virtual IOMMU', () => {
  test('stands on a nest parent, and holds it', async () => {
    const process = await boot(VIRTUAL);
    const device = await process.bound(1);
    const ioas = await process.ioas();
    const [plain, parent] = [await process.hwpt(device, ioas), await process.hwpt(device, ioas, ALLOC_NEST_PARENT)];
    const alloc = (values: object): Promise<string> =>
      process.answer('IOMMU_VIOMMU_ALLOC', { dev_id: device, hwpt_id: parent, type: 1, ...values });
    const answers = [await alloc({ type: 0, dev_id: 99 }), await alloc({ flags: 1, dev_id: 99 }), await alloc({ dev_id: 99 })];
    assert.deepEqual(answers, ['EOPNOTSUPP', 'EOPNOTSUPP', 'ENOENT']);
    assert.deepEqual(
      [await alloc({ hwpt_id: 99 }), await alloc({ hwpt_id: plain }), await alloc({ type: 2 })],
      ['ENOENT', 'EINVAL', 'EOPNOTSUPP'],
    );
    const viommu_id = (await process.ioctl('IOMMU_VIOMMU_ALLOC', { dev_id: device, hwpt_id: parent, type: 1 })).fields.out_viommu_id;
    assert.equal(await process.destroy(parent), 'EBUSY');
    const vdevice = (values: object): Promise<string> =>
      process.answer('IOMMU_VDEVICE_ALLOC', { viommu_id, dev_id: device, virt_id: 0x10n, ...values });
    assert.deepEqual([await vdevice({ viommu_id: 99 }), await vdevice({ dev_id: 99 }), await vdevice({})], ['ENOENT', 'ENOENT', 'ok']);
    const second = await process.bound(2);
    assert.deepEqual([await vdevice({ virt_id: 0x11n }), await vdevice({ dev_id: second })], ['EEXIST', 'EEXIST']);
    assert.equal(await vdevice({ dev_id: second, virt_id: 0x11n }), 'ok');
    assert.equal(await process.destroy(viommu_id), 'EBUSY');
    const queue = await process.answer('IOMMU_HW_QUEUE_ALLOC', { viommu_id, type: 1, length: 0x1000n });
    assert.equal(queue, 'EOPNOTSUPP');
    const buried = process.held();
    assert.include(buried, '2 object:vdevice');
    await process.iommufd.unbind(process.file, second);
    assert.include(process.held(), '1 object:vdevice');
    await process.iommufd.close(process.file);
    assert.notInclude(process.held(), 'vdevice');
  });

  test('’s device leaves an id that is not given again', async () => {
    const process = await boot(VIRTUAL);
    const device = await process.bound(1);
    const ioas = await process.ioas();
    const hwpt_id = await process.hwpt(device, ioas, ALLOC_NEST_PARENT);
    const viommu_id = (await process.ioctl('IOMMU_VIOMMU_ALLOC', { dev_id: device, hwpt_id, type: 1 })).fields.out_viommu_id;
    const made = await process.ioctl('IOMMU_VDEVICE_ALLOC', { viommu_id, dev_id: device, virt_id: 1n });
    const { out_vdevice_id } = made.fields;
    assert.equal(answerOf(await process.iommufd.unbind(process.file, device)), 'ok');
    assert.equal(await process.destroy(out_vdevice_id), 'ENOENT');
    assert.notInclude([await process.ioas(), await process.ioas()], out_vdevice_id);
    assert.equal(await process.destroy(viommu_id), 'ok');
  });

  test('tells of events, and of those that were lost', async () => {
    const process = await boot(VIRTUAL);
    const device = await process.bound(1);
    const hwpt_id = await process.hwpt(device, await process.ioas(), ALLOC_NEST_PARENT);
    const viommu_id = (await process.ioctl('IOMMU_VIOMMU_ALLOC', { dev_id: device, hwpt_id, type: 1 })).fields.out_viommu_id;
    const alloc = (values: object = {}) => process.ioctl('IOMMU_VEVENTQ_ALLOC', { viommu_id, type: 1, veventq_depth: 2, ...values });
    assert.equal((await alloc({ veventq_depth: 0 })).answer, 'EINVAL');
    assert.equal((await alloc({ veventq_depth: 0, __reserved: 1n })).answer, 'EOPNOTSUPP');
    const { out_veventq_fd: file, out_veventq_id: queue } = (await alloc()).fields;
    assert.equal((await alloc()).answer, 'EEXIST');
    const tell = (type: number): string =>
      answerOf(
        process.upcalls.reportEvent({
          device: 1,
          pasid: NO_PASID,
          cause: 'a cause',
          guest: { viommu: 77, type, record: Uint8Array.of(1, 2, 3, 4) },
        }),
      );
    assert.deepEqual([tell(2), tell(1), tell(1), tell(1), tell(1)], ['EOPNOTSUPP', 'ok', 'ok', 'ok', 'ok']);
    const read = async (bytes: number): Promise<string> => {
      const buffer = await process.memory();
      const count = await process.iommufd.read(file, buffer, bytes, 0n);
      if (!count.ok) return count.errno;
      const { sequence, flags } = VeventHeader.of(numberOf(valueOf<Uint8Array>(await process.iommufd.userRead(buffer, 8))));
      return `${count.value} bytes, ${sequence} flags ${flags}`;
    };
    assert.deepEqual([await read(8), await read(23), await read(12)], ['EINVAL', '12 bytes, 0 flags 0', '12 bytes, 1 flags 0']);
    assert.deepEqual([await read(8), await read(8)], ['8 bytes, 3 flags 1', '0 bytes, 0 flags 0']);
    assert.equal(tell(1), 'ok');
    assert.equal(shown(await process.iommufd.read(file, 0x10n, 12, 0n)), 'EFAULT');
    assert.equal(shown(await process.iommufd.read(file, await process.memory(), 12, 12n)), 'ESPIPE');
    assert.equal(await read(12), '12 bytes, 4 flags 0');
    assert.deepEqual([await process.destroy(queue), await process.destroy(viommu_id)], ['EBUSY', 'EBUSY']);
    await process.iommufd.close(file);
    assert.deepEqual([await process.destroy(queue), await process.destroy(viommu_id)], ['ok', 'ok']);
  });
});
