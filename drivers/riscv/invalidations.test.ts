import { suite, test } from 'node:test';
import { assert } from 'chai';
import { NO_PASID, type Unmapped } from '#drivers/contract/iommu';
import { Iosatp } from '#hw-models/riscv-iommu/contexts';
import { answerOf, boot, commandsOf, MEMORY, PA, probe, valueOf, type Booted, type Options, alloc, allocNested } from './boot.test';

const PAGE = 4096n;
const LARGE = 1n << 21n;
const FENCE = 'IOFENCE.C pr pw';

suite('what IOMMUs are told', () => {
  /** d1 and d2 behind IOMMU 0, d3 behind IOMMU 1. */
  const three = (options: Options = {}): Booted => {
    const booted = boot({ parts: [{}, {}], ...options });
    probe(booted, 1);
    probe(booted, 2);
    probe(booted, 3, { iommu: 1 });
    return booted;
  };
  const attach = ({ calls }: Booted, device: number, domain: number): string => answerOf(calls.attach(device, domain, NO_PASID));

  test('an unmap: each page, once for each IOMMU', () => {
    const booted = three();
    const A = alloc(booted);
    booted.calls.map(A, { ...MEMORY, size: 2n * LARGE });
    for (const device of [1, 2, 3]) attach(booted, device, A);
    const page = (address: string): string => `IOTINVAL.VMA pscid 0x1 address ${address}`;
    const one = [page('0x1000'), page('0x2000'), FENCE];
    assert.deepEqual(
      commandsOf(booted, () => booted.calls.unmap(A, PAGE, 2n * PAGE)),
      [...one, ...one],
    );
    const most = commandsOf(booted, () => booted.calls.unmap(A, 3n * PAGE, LARGE - PAGE));
    assert.deepEqual([most.length, most[0], most[510], most[511]], [2 * 512, page('0x3000'), page('0x20_1000'), FENCE]);
    const whole = ['IOTINVAL.VMA pscid 0x1', FENCE];
    booted.calls.map(A, { ...MEMORY, iova: 4n * LARGE, pa: PA + PAGE, size: LARGE });
    assert.deepEqual(
      commandsOf(booted, () => booted.calls.unmap(A, 4n * LARGE, LARGE)),
      [...whole, ...whole],
    );
    assert.deepEqual(
      commandsOf(booted, () => booted.calls.unmap(A, 8n * LARGE, LARGE)),
      [],
    );
  });

  test('an unmap below guests: contexts after what they came from', () => {
    const booted = three();
    const S = alloc(booted, { flags: 1 });
    booted.calls.map(S, { ...MEMORY, size: 2n * PAGE });
    attach(booted, 1, S);
    attach(booted, 3, allocNested(booted, S));
    assert.deepEqual(
      commandsOf(booted, () => booted.calls.unmap(S, PAGE, PAGE)),
      [
        'IOTINVAL.GVMA gscid 0x1 address 0x1000',
        FENCE,
        'IOTINVAL.GVMA gscid 0x1 address 0x1000',
        FENCE,
        'IODIR.INVAL_DDT deviceId 0x3',
        FENCE,
      ],
    );
  });

  test('an attach: nothing; a detach: what was, and with the last device the tag', () => {
    const booted = three();
    const A = alloc(booted);
    assert.deepEqual(
      commandsOf(booted, () => [1, 2, 3].map((device) => attach(booted, device, A))),
      [],
    );
    const detach = (device: number): readonly string[] => commandsOf(booted, () => booted.calls.detach(device, A, NO_PASID));
    const stop = ['IOTINVAL.VMA pscid 0x1', FENCE];
    assert.deepEqual(detach(1), ['IODIR.INVAL_DDT deviceId 0x1', ...stop]);
    assert.deepEqual(detach(2), ['IODIR.INVAL_DDT deviceId 0x2', ...stop, ...stop]);
    assert.deepEqual(detach(3), ['IODIR.INVAL_DDT deviceId 0x3', ...stop, ...stop]);
  });

  test('a guest that comes and goes above the same second stage', () => {
    const booted = three();
    const S = alloc(booted, { flags: 1 });
    const N = allocNested(booted, S, { fsc: Iosatp.encode({ MODE: 'Sv39', PPN: 8 }) });
    attach(booted, 1, S);
    const was = ['IOTINVAL.VMA gscid 0x1', 'IOTINVAL.GVMA gscid 0x1', FENCE];
    const context = 'IODIR.INVAL_DDT deviceId 0x1';
    const replace = (domain: number): readonly string[] => commandsOf(booted, () => booted.calls.replace(1, domain, NO_PASID));
    assert.deepEqual(replace(N), [context, FENCE, context, ...was]);
    assert.deepEqual(replace(S), [context, ...was, context, FENCE, 'IOTINVAL.VMA gscid 0x1 pscid 0x1', FENCE]);
  });

  test('a device that keeps translations is told after the IOMMU', () => {
    const booted = boot();
    probe(booted, 1, { ats: true, ids: [0x2_0001] });
    const A = alloc(booted);
    booted.calls.map(A, MEMORY);
    attach(booted, 1, A);
    const kinds = commandsOf(booted, () => booted.calls.unmap(A, 0n, PAGE)).map((label) => label.split(' ')[0]);
    assert.deepEqual(kinds, ['IOTINVAL.VMA', 'IOFENCE.C', 'ATS.INVAL', 'IOFENCE.C']);
  });

  test('a gather waits for its sync', () => {
    const booted = three();
    const A = alloc(booted);
    booted.calls.map(A, { ...MEMORY, size: 4n * PAGE });
    attach(booted, 1, A);
    const { size, gather } = valueOf<Unmapped>(booted.calls.unmapPages(A, 0n, 2n * PAGE));
    assert.equal(size, 2n * PAGE);
    assert.equal(commandsOf(booted, () => booted.calls.iotlbSync(A, gather)).length, 3);
    assert.equal(answerOf(booted.calls.iotlbSync(A, gather)), 'EINVAL');
  });

  test('what was not answered is asked for again, and the domain lives until then', () => {
    const booted = three();
    const A = alloc(booted);
    booted.calls.map(A, MEMORY);
    attach(booted, 1, A);
    const silence = booted.machine.iommus[0]!.hardware.fallsSilent!(1, 'lasting');
    assert.equal(answerOf(booted.calls.detach(1, A, NO_PASID)), 'ok');
    const refused = [booted.calls.domainFree(A), booted.calls.attach(1, A, NO_PASID)].map(answerOf);
    assert.deepEqual(refused, ['ETIMEDOUT', 'ETIMEDOUT']);
    silence.end();
    assert.equal(answerOf(booted.calls.domainFree(A)), 'ok');
    assert.deepEqual(booted.machine.attention(), []);
  });
});
