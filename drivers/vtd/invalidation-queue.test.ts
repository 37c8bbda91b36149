import { suite, test } from 'node:test';
import { assert } from 'chai';
import { NO_PASID } from '#drivers/contract/iommu';
import { MAP } from '#hw-models/vtd/registers';
import { LEGACY } from '#hw-models/vtd/capabilities';
import { alloc, answerOf, boot, MEMORY, probe, readBytes, type Booted } from './boot.test';

const PAGE = 4096n;
const UNIT_BYTES = 16n;

/** Makes the next descriptor that is handed over one that does not exist. */
function spoil({ port, machine }: Booted): void {
  const { IQA } = MAP.IQA.layout.of(port.mmioRead64(0, MAP.IQA.at));
  const { QT } = MAP.IQT.layout.of(port.mmioRead64(0, MAP.IQT.at));
  const word = Number((BigInt(IQA) * PAGE + BigInt(QT) * UNIT_BYTES) / 8n);
  const barrier = port.barrier.bind(port);
  port.barrier = () => {
    barrier();
    if (machine.memory.get(word) === 0n) return;
    machine.write(word, 0xfn);
    port.barrier = barrier;
  };
}

function attached(booted: Booted): number {
  probe(booted, 1, { ats: true });
  const A = alloc(booted);
  booted.calls.map(A, MEMORY);
  assert.equal(answerOf(booted.calls.attach(1, A, NO_PASID)), 'ok');
  return A;
}

suite('the invalidation queue', () => {
  test('goes around', () => {
    for (const part of [{}, LEGACY]) {
      const booted = boot({ parts: [part] });
      const A = attached(booted);
      for (let n = 0; n < 200; n++) {
        assert.equal(answerOf(booted.calls.unmap(A, 0n, PAGE)), '0x1000');
        assert.equal(answerOf(booted.calls.map(A, MEMORY)), 'ok');
        assert.equal(readBytes(booted, 1), '0x80000008');
      }
    }
  });

  test('goes on behind what is no descriptor, and what was asked for is asked for again', () => {
    for (const part of [{}, LEGACY]) {
      const booted = boot({ parts: [part] });
      const A = attached(booted);
      spoil(booted);
      assert.equal(answerOf(booted.calls.detach(1, A, NO_PASID)), 'EIO');
      assert.equal(readBytes(booted, 1), '0x80000008');
      assert.deepEqual(booted.machine.attention(), []);
      assert.equal(answerOf(booted.calls.detach(1, A, NO_PASID)), 'ok');
      assert.notEqual(readBytes(booted, 1), '0x80000008');
      assert.equal(answerOf(booted.calls.domainFree(A)), 'ok');
    }
  });

  test('goes on when a device has not answered, and it is asked again', () => {
    let late = false;
    const asked: number[] = [];
    const invalidate = ({ sid }: { readonly sid: number }) => {
      asked.push(sid);
      return late ? 'timeout' : 'done';
    };
    const booted = boot({ endpoints: { invalidate, respond: () => undefined } });
    const A = attached(booted);
    late = true;
    assert.equal(answerOf(booted.calls.unmap(A, 0n, PAGE)), 'EIO');
    assert.equal(answerOf(booted.calls.iovaToPhys(A, 0n)), '0x80000000');
    late = false;
    asked.length = 0;
    assert.equal(answerOf(booted.calls.unmap(A, 0n, PAGE)), '0x1000');
    assert.deepEqual(asked, [1]);
    assert.deepEqual(booted.machine.attention(), []);
  });
});
