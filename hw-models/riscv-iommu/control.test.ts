import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { ControlScene, type ControlSceneOptions } from '#hw-models/riscv-iommu/control-scene';
import { QUEUE_NAMES, QUEUES } from '#hw-models/riscv-iommu/queues';
import { CapabilitiesRegister, Cqb, Ddtp, MAP, type RegisterName } from '#hw-models/riscv-iommu/registers';

const IOMMU = 0;
/** No queue is on. */
const fresh = (part: Partial<Capabilities> = {}, rest: ControlSceneOptions = {}): ControlScene =>
  new ControlScene({ part, on: [], ...rest });
const unspecified = (run: () => void, why: RegExp): void => {
  assert.throws(run, UnspecifiedBehaviour, why);
};
const ddtp = (iommu_mode: 'Off' | 'Bare' | '1LVL' | '2LVL' | '3LVL', PPN = 0): bigint => Ddtp.encode({ iommu_mode, PPN });
/** Writes a mode and waits for it. */
const go = (scene: ControlScene, ...modes: readonly bigint[]): void => {
  for (const mode of modes) {
    scene.write('ddtp', mode);
    scene.settle();
  }
};

suite('access', () => {
  test('capabilities say what the part has, and do not change', () => {
    const scene = fresh({ Sv57: false, IGS: 'MSI', PAS: 46 });
    const { version, Sv39, Sv57, IGS, PAS, HPM, END } = CapabilitiesRegister.of(scene.read('capabilities'));
    assert.deepEqual(
      { version, Sv39, Sv57, IGS, PAS, HPM, END },
      {
        version: 0x10,
        Sv39: true,
        Sv57: false,
        IGS: 'MSI',
        PAS: 46,
        HPM: false,
        END: false,
      },
    );
    const before = scene.read('capabilities');
    scene.write('capabilities', 0n);
    assert.strictEqual(scene.read('capabilities'), before);
  });

  test('offsets without a register read as 0, and writes have no effect', () => {
    const scene = fresh();
    for (const at of [12, 628, 700, 1024, 4092]) {
      scene.port.mmioWrite32(IOMMU, at, 0xffff_ffff);
      assert.strictEqual(scene.port.mmioRead32(IOMMU, at), 0);
    }
  });

  test('so do registers that the part does not have', () => {
    const scene = fresh({ ATS: false, T2GPA: false, DBG: false, vectors: 1 });
    const absent: readonly RegisterName[] = [
      ...(['iocountovf', 'iocountinh', 'iohpmcycles', 'iohpmctr1', 'iohpmevt31', 'iommu_qosid'] as const),
      ...(['pqb', 'pqh', 'pqt', 'pqcsr', 'tr_req_iova', 'tr_req_ctl', 'tr_response', 'msi_addr_1', 'msi_vec_ctl_1'] as const),
    ];
    for (const name of absent) {
      scene.write(name, 0xffff_ffffn);
      assert.strictEqual(scene.read(name), 0n, name);
    }
  });

  test('a half of a register of 8 bytes is accessed by itself', () => {
    const scene = fresh();
    scene.port.mmioWrite32(IOMMU, MAP.cqb.at + 4, 1);
    scene.port.mmioWrite32(IOMMU, MAP.cqb.at, 0x403);
    assert.strictEqual(scene.read('cqb'), 0x1_0000_0403n);
    assert.strictEqual(scene.port.mmioRead32(IOMMU, MAP.cqb.at + 4), 1);
  });

  test('unaligned, spanning two registers, or beyond: unspecified', () => {
    const scene = fresh();
    for (const [at, why] of [
      [0x22, /not aligned/],
      [0x1000, /beyond/],
      [-4, /beyond/],
    ] as const) {
      unspecified(() => scene.port.mmioRead32(IOMMU, at), why);
      unspecified(() => scene.port.mmioWrite32(IOMMU, at, 0), why);
    }
    unspecified(() => scene.port.mmioRead64(IOMMU, 0xffc), /beyond|aligned/);
    for (const at of [MAP.cqh.at, MAP.iocountovf.at, MAP.cqcsr.at, MAP.msi_data_0.at, MAP.iommu_qosid.at]) {
      unspecified(() => scene.port.mmioRead64(IOMMU, at), /is not accessed so/);
      unspecified(() => {
        scene.port.mmioWrite64(IOMMU, at, 0n);
      }, /is not accessed so/);
    }
  });
});

suite('reset', () => {
  test('everything is off', () => {
    const scene = fresh();
    for (const name of ['ddtp', 'cqcsr', 'fqcsr', 'pqcsr', 'ipsr', 'tr_req_ctl'] as const) assert.strictEqual(scene.read(name), 0n);
    assert.strictEqual(scene.plane.control.mode, 'off');
  });
});

suite('fctl', () => {
  test('neither byte order nor guest width can be chosen', () => {
    const scene = fresh();
    scene.write('fctl', 0xffff_ffffn);
    assert.strictEqual(scene.read('fctl'), 2n);
  });

  test('WSI is fixed where there is one kind of interrupt', () => {
    for (const [IGS, fixed] of [
      ['MSI', 0n],
      ['WSI', 2n],
    ] as const) {
      const scene = fresh({ IGS });
      assert.strictEqual(scene.read('fctl'), fixed);
      scene.write('fctl', 2n - fixed);
      assert.strictEqual(scene.read('fctl'), fixed);
    }
  });

  test('must not change while the IOMMU or a queue is on', () => {
    const scene = fresh();
    go(scene, ddtp('Bare'));
    scene.write('fctl', 0n);
    unspecified(() => {
      scene.write('fctl', 2n);
    }, /iommu_mode is not Off/);
    for (const queue of QUEUE_NAMES) {
      const busy = fresh();
      busy.enable(queue, false);
      unspecified(
        () => {
          busy.write('fctl', 2n);
        },
        new RegExp(`the ${queue} queue is on`),
      );
    }
  });
});

suite('ddtp', () => {
  test('a mode acts when busy reads 0, and not before', () => {
    const scene = fresh();
    scene.write('ddtp', ddtp('2LVL', 5));
    assert.isTrue(scene.plane.control.registers.view('ddtp').busy);
    assert.strictEqual(scene.plane.control.mode, 'off');
    assert.isFalse(Ddtp.of(scene.read('ddtp')).busy);
    assert.strictEqual(scene.plane.control.mode, 2);
    assert.deepEqual(scene.plane.control.directory, { levels: 2, frame: 5 });
  });

  test('reports a change to whoever advances, once', () => {
    const { plane } = fresh();
    const write = (value: bigint): void => {
      plane.write(MAP.ddtp.at, value, 64);
    };
    assert.isFalse(plane.advance('time'));
    write(ddtp('1LVL', 3));
    assert.isTrue(plane.advance('time'));
    assert.isFalse(plane.advance('time'));
    write(ddtp('Off', 3));
    assert.isTrue(plane.advance('time'));
    write(ddtp('Off', 7));
    assert.isFalse(plane.advance('time'));
  });

  test('must not be written while busy', () => {
    const scene = fresh();
    scene.write('ddtp', ddtp('Bare'));
    unspecified(() => {
      scene.write('ddtp', ddtp('Off'));
    }, /ddtp.busy is 1/);
    unspecified(() => {
      scene.port.mmioWrite32(IOMMU, MAP.ddtp.at + 4, 0);
    }, /ddtp.busy is 1/);
  });

  test('levels that the part does not have, and reserved modes, read back as Off', () => {
    const scene = fresh({ levels: [2] });
    for (const mode of [ddtp('1LVL'), ddtp('3LVL'), 5n, 13n, 14n, 15n]) {
      go(scene, ddtp('Bare'));
      go(scene, mode);
      assert.strictEqual(scene.read('ddtp'), 0n);
      assert.strictEqual(scene.plane.control.mode, 'off');
    }
    go(scene, ddtp('2LVL'));
    assert.strictEqual(scene.plane.control.mode, 2);
  });

  test('from Off to Bare to levels to Off', () => {
    const scene = fresh();
    go(scene, ddtp('Bare'), ddtp('Bare'), ddtp('3LVL', 9), ddtp('Off', 9), ddtp('1LVL', 4), ddtp('Off', 4), ddtp('Off'));
    assert.strictEqual(scene.plane.control.mode, 'off');
  });

  for (const from of ['1LVL', '2LVL', '3LVL'] as const)
    for (const to of ['1LVL', '2LVL', '3LVL'] as const)
      test(`from ${from} to ${to} is unspecified`, () => {
        const scene = fresh();
        go(scene, ddtp(from, 4));
        unspecified(
          () => {
            scene.write('ddtp', ddtp(to, 4));
          },
          new RegExp(`goes from ${from} to ${to}`),
        );
      });

  for (const to of ['Off', 'Bare'] as const)
    test(`from levels to ${to} with another page`, () => {
      const scene = fresh();
      go(scene, ddtp('2LVL', 4), ddtp(to, 5));
      assert.strictEqual(scene.plane.control.mode, to === 'Off' ? 'off' : 'bare');
    });

  test('the page must not change while there are levels', () => {
    const other = fresh();
    go(other, ddtp('2LVL', 4));
    unspecified(() => {
      other.port.mmioWrite32(IOMMU, MAP.ddtp.at + 4, 1);
    }, /PPN changes/);
  });

  test('the upper half is written first, and alone sets nothing in motion', () => {
    const scene = fresh();
    scene.port.mmioWrite32(IOMMU, MAP.ddtp.at + 4, 1);
    assert.isFalse(scene.plane.control.registers.view('ddtp').busy);
    scene.port.mmioWrite32(IOMMU, MAP.ddtp.at, Number(ddtp('1LVL')));
    scene.settle();
    assert.deepEqual(scene.plane.control.directory, { levels: 1, frame: 2 ** 22 });
  });
});

for (const queue of QUEUE_NAMES) {
  const { base, software, hardware, csr, enable, on, causes } = QUEUES[queue];
  suite(`the ${queue} queue`, () => {
    test('is on when busy reads 0, and not before, and so off', () => {
      const scene = fresh();
      scene.enable(queue, false);
      assert.isTrue(scene.flag(queue, 'busy'));
      assert.isFalse(scene.flag(queue, on));
      scene.settle();
      assert.isFalse(scene.flag(queue, 'busy'));
      assert.isTrue(scene.flag(queue, on));
      scene.write(csr, 0n);
      assert.isTrue(scene.flag(queue, on));
      assert.strictEqual(scene.read(csr), 0n);
    });

    test('control and status must not be written while busy', () => {
      const scene = fresh();
      scene.enable(queue, false);
      unspecified(
        () => {
          scene.write(csr, 3n);
        },
        new RegExp(`${csr}.busy is 1`),
      );
    });

    test('every write makes it busy, also one that changes nothing', () => {
      const scene = fresh();
      scene.write(csr, 0n);
      assert.isTrue(scene.flag(queue, 'busy'));
      scene.settle();
      assert.isFalse(scene.flag(queue, 'busy'));
    });

    test('its base must not be written while it is on or busy', () => {
      const scene = fresh();
      scene.enable(queue, false);
      const rebase = (): void => {
        scene.write(base, 0n);
      };
      unspecified(rebase, /is on or busy/);
      scene.settle();
      unspecified(rebase, /is on or busy/);
      scene.write(csr, 0n);
      unspecified(rebase, /is on or busy/);
      scene.settle();
      rebase();
    });

    test('is no larger than the part allows, and has as many bits of an index as it needs', () => {
      const scene = fresh({ queueLog2: 6 });
      scene.write(base, Cqb.encode({ PPN: 1, 'LOG2SZ-1': 31 }));
      assert.strictEqual(Cqb.of(scene.read(base))['LOG2SZ-1'], 5);
      scene.write(software, 0xffff_ffffn);
      assert.strictEqual(scene.read(software), 63n);
      scene.write(base, Cqb.encode({ PPN: 1, 'LOG2SZ-1': 1 }));
      assert.strictEqual(scene.read(software), 3n);
      scene.write(hardware, 2n);
      assert.strictEqual(scene.read(hardware), 0n);
    });

    test('software says where it lies, and its index after that', () => {
      const scene = fresh();
      const start = (): void => {
        scene.write(csr, 1n);
      };
      unspecified(start, new RegExp(`${base} was never written`));
      const other = fresh();
      other.write(software, 0n);
      other.write(base, Cqb.encode({ PPN: 16 }));
      unspecified(
        () => {
          other.write(csr, 1n);
        },
        new RegExp(`${software} was not written after ${base}`),
      );
    });

    test('more than a page is aligned to its size', () => {
      const log2 = 9;
      const pages = (2 ** log2 * QUEUES[queue].entryBytes) / 4096;
      for (const PPN of [pages, pages + 1]) {
        const scene = fresh();
        scene.write(base, Cqb.encode({ PPN, 'LOG2SZ-1': log2 - 1 }));
        scene.write(software, 0n);
        const start = (): void => {
          scene.write(csr, 1n);
        };
        if (PPN === pages) start();
        else unspecified(start, /is not a multiple/);
      }
    });

    test('starts anew: no error, and the index of the hardware is 0', () => {
      const scene = fresh();
      scene.enable(queue);
      scene.plane.control.registers.set(hardware, { index: 3 });
      for (const cause of causes) scene.plane.control.setFlag(queue, cause);
      scene.write(csr, 0n);
      scene.settle();
      for (const cause of causes) assert.isTrue(scene.flag(queue, cause));
      scene.write(csr, 1n);
      for (const cause of causes) assert.isFalse(scene.flag(queue, cause));
      assert.strictEqual(scene.read(hardware), 0n);
      assert.isTrue(scene.flag(queue, enable));
    });
  });
}

suite('icvec', () => {
  for (const [vectors, kept] of [
    [1, 0x0n],
    [2, 0x1111n],
    [4, 0x3333n],
    [8, 0x7777n],
    [16, 0xffffn],
  ] as const)
    test(`with ${vectors} vectors`, () => {
      const scene = fresh({ vectors });
      scene.write('icvec', 0xffff_ffff_ffff_ffffn);
      assert.strictEqual(scene.read('icvec'), kept);
    });
});

suite('messages', () => {
  test('their addresses are of 4 bytes, and everything else is kept', () => {
    const scene = fresh();
    scene.write('msi_addr_3', 0xffff_ffff_ffff_ffffn);
    scene.write('msi_data_3', 0x1234_5678n);
    scene.write('msi_vec_ctl_3', 0xffff_ffffn);
    assert.strictEqual(scene.read('msi_addr_3'), 0xff_ffff_ffff_fffcn);
    assert.strictEqual(scene.read('msi_data_3'), 0x1234_5678n);
    assert.strictEqual(scene.read('msi_vec_ctl_3'), 1n);
  });
});
