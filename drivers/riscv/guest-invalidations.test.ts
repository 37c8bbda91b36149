import { suite, test } from 'node:test';
import { assert } from 'chai';
import { NO_PASID, type Invalidated } from '#drivers/contract/iommu';
import { INVALIDATE_DATA } from '#drivers/contract/uapi';
import { COMMANDS, Iofence, Iotinval } from '#hw-models/riscv-iommu/commands';
import { Tc } from '#hw-models/riscv-iommu/contexts';
import { answerOf, boot, bytesOf, commandsOf, probe, alloc, allocNested } from './boot.test';

const FENCE = 'IOFENCE.C pr pw';

suite('commands of a guest', () => {
  const header = ({ opcode, func3 }: { opcode: number; func3: number }) => ({ opcode, func3 });
  const vma = (values: Parameters<typeof Iotinval.encode>[0] = {}): bigint =>
    Iotinval.encode({ ...header(COMMANDS['IOTINVAL.VMA']), ...values });
  const fence = Iofence.encode({ ...header(COMMANDS['IOFENCE.C']), PR: true });

  function invalidate(commands: readonly bigint[], more: { type?: number; entryLength?: number; entries?: number; tc?: bigint } = {}) {
    const booted = boot();
    probe(booted, 1);
    const S = alloc(booted, { flags: 1 });
    const N = allocNested(booted, S, more.tc === undefined ? {} : { tc: more.tc });
    booted.calls.attach(1, N, NO_PASID);
    const address = booted.machine.users.place(Uint8Array.from(commands.flatMap((command) => [...bytesOf(command, 2)])));
    const array = { type: INVALIDATE_DATA.RISCV_IOMMU, address, entryLength: 16, entries: commands.length, ...more };
    let answer = '';
    const told = commandsOf(booted, () => {
      const result = booted.calls.cacheInvalidate({ kind: 'domain', handle: N }, array);
      const value = result.ok ? (result.value as Invalidated) : undefined;
      answer = value === undefined ? answerOf(result) : `${value.handled}${value.errno === undefined ? '' : ` ${value.errno}`}`;
    });
    return { answer, told };
  }

  test('are carried out under the tags of its domain', () => {
    const { answer, told } = invalidate([vma({ PSCV: true, PSCID: 77, AV: true, ADDR: 5n }), vma(), fence]);
    assert.equal(answer, '3');
    assert.deepEqual(told, ['IOTINVAL.VMA gscid 0x1 pscid 0x1 address 0x5000', 'IOTINVAL.VMA gscid 0x1 pscid 0x1', FENCE]);
  });

  test('name tags of its own with a process directory', () => {
    const { told } = invalidate([vma({ PSCV: true, PSCID: 77 }), vma()], { tc: Tc.encode({ V: true, PDTV: true }) });
    assert.deepEqual(told, ['IOTINVAL.VMA gscid 0x1 pscid 0x4d', 'IOTINVAL.VMA gscid 0x1', FENCE]);
  });

  test('stop at the first that cannot be', () => {
    const rows = [
      [Iofence.with(fence, { WSI: true }), 'EOPNOTSUPP'],
      [Iofence.with(fence, { AV: true }), 'EOPNOTSUPP'],
      [Iotinval.encode(header(COMMANDS['IOTINVAL.GVMA'])), 'EOPNOTSUPP'],
      [Iotinval.encode(header(COMMANDS['IODIR.INVAL_DDT'])), 'EOPNOTSUPP'],
      [vma({ GV: true }), 'EINVAL'],
      [vma() + 2n ** 11n, 'EINVAL'],
    ] as const;
    for (const [command, errno] of rows) {
      const { answer, told } = invalidate([vma(), command, vma()]);
      assert.deepEqual([answer, told.length], [`1 ${errno}`, 2]);
    }
  });

  test('are refused by type, length and address', () => {
    const answers = [{ type: 0 }, { entryLength: 15 }, { entryLength: 32 }].map((more) => invalidate([vma()], more).answer);
    assert.deepEqual(answers, ['EOPNOTSUPP', 'EINVAL', 'EINVAL']);
    assert.deepEqual(
      [invalidate([], { entries: 1 }).answer, invalidate([vma()], { entries: 2 }).answer, invalidate([]).answer],
      ['EFAULT', '1 EFAULT', '0'],
    );
  });
});
