import { assert } from 'chai';
import * as fc from 'fast-check';
import { describe as suite, test } from 'node:test';

import { capabilities, type Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { AtsInval, AtsPrgr, COMMANDS, decode, Iodir, Iofence, Iotinval, type CommandName } from '#hw-models/riscv-iommu/commands';
import type { IommuMode } from '#hw-models/riscv-iommu/control';

interface Around {
  readonly part?: Partial<Capabilities>;
  readonly mode?: IommuMode;
  readonly isWired?: boolean;
}
const decoded = (raw: bigint, { part = {}, mode = 3, isWired = true }: Around = {}): ReturnType<typeof decode> =>
  decode(raw, { part: capabilities(part), mode, isWired });
const kindOf = (raw: bigint, around: Around = {}): string => {
  const command = decoded(raw, around);
  return typeof command === 'string' ? command : command.kind;
};
const header = (name: CommandName): { readonly opcode: number; readonly func3: number } => COMMANDS[name];
const legal: Readonly<Record<CommandName, bigint>> = {
  'IOTINVAL.VMA': Iotinval.encode({ ...pick('IOTINVAL.VMA') }),
  'IOTINVAL.GVMA': Iotinval.encode({ ...pick('IOTINVAL.GVMA') }),
  'IOFENCE.C': Iofence.encode({ ...pick('IOFENCE.C') }),
  'IODIR.INVAL_DDT': Iodir.encode({ ...pick('IODIR.INVAL_DDT') }),
  'IODIR.INVAL_PDT': Iodir.encode({ ...pick('IODIR.INVAL_PDT'), DV: true }),
  'ATS.INVAL': AtsInval.encode({ ...pick('ATS.INVAL') }),
  'ATS.PRGR': AtsPrgr.encode({ ...pick('ATS.PRGR') }),
};
function pick(name: CommandName): { opcode: number; func3: number } {
  const { opcode, func3 } = header(name);
  return { opcode, func3 };
}
const names = Object.keys(COMMANDS) as readonly CommandName[];

suite('encodings', () => {
  for (const name of names) {
    test(`${name} is legal without operands, and with each reserved bit it is not`, () => {
      assert.strictEqual(kindOf(legal[name]), name);
      for (let bit = 0n; bit < 128n; bit++) {
        const mask = 1n << bit;
        if ((COMMANDS[name].layout.reservedMask & mask) !== 0n) assert.strictEqual(kindOf(legal[name] | mask), 'illegal', `bit ${bit}`);
      }
    });
  }

  test('every other opcode and function is illegal', () => {
    const known = new Set(names.map((name) => `${COMMANDS[name].opcode}.${COMMANDS[name].func3}`));
    for (let opcode = 0; opcode < 128; opcode++)
      for (let func3 = 0; func3 < 8; func3++)
        if (!known.has(`${opcode}.${func3}`)) assert.strictEqual(kindOf(BigInt(opcode + func3 * 128)), 'illegal', `${opcode}.${func3}`);
  });

  test('every word is a command or is not', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.constantFrom(...names), (operands, name) => {
        const { opcode, func3 } = COMMANDS[name];
        const raw = operands - (operands % 1024n) + BigInt(opcode + func3 * 128);
        assert.include([name, 'illegal'], kindOf(raw));
      }),
    );
  });
});

suite('IOTINVAL', () => {
  const all = { GSCID: 0xabcd, PSCID: 0x1_2345, ADDR: 0xf_ffff_0000_1234n };

  test('has the operands that are valid', () => {
    assert.deepEqual(decoded(Iotinval.encode({ ...pick('IOTINVAL.VMA'), ...all, GV: true, PSCV: true, AV: true })), {
      kind: 'IOTINVAL.VMA',
      gscid: 0xabcd,
      pscid: 0x1_2345,
      address: 0xffff_f000_0123_4000n,
    });
    assert.deepEqual(decoded(Iotinval.encode({ ...pick('IOTINVAL.VMA'), ...all })), {
      kind: 'IOTINVAL.VMA',
      gscid: undefined,
      pscid: undefined,
      address: undefined,
    });
  });

  test('GVMA has an address only with a GSCID, and never a PSCID', () => {
    const gvma = (values: object): ReturnType<typeof decode> => decoded(Iotinval.encode({ ...pick('IOTINVAL.GVMA'), ...all, ...values }));
    assert.deepEqual(gvma({ GV: true, AV: true }), { kind: 'IOTINVAL.GVMA', gscid: 0xabcd, address: 0xffff_f000_0123_4000n });
    assert.deepEqual(gvma({ GV: true }), { kind: 'IOTINVAL.GVMA', gscid: 0xabcd, address: undefined });
    assert.deepEqual(gvma({ AV: true }), { kind: 'IOTINVAL.GVMA', gscid: undefined, address: undefined });
    assert.strictEqual(gvma({ GV: true, PSCV: true }), 'illegal');
  });

  // Doublewords computed by hand from the figure of the specification.
  test('has the words that software computes by shifting', () => {
    const raw = Iotinval.encode({ ...pick('IOTINVAL.GVMA'), AV: true, GV: true, GSCID: 7, ADDR: 0x8_0000n });
    assert.strictEqual(raw, (0x8_0000n << 74n) | (7n << 44n) | (1n << 33n) | (1n << 10n) | (1n << 7n) | 1n);
  });
});

suite('IOFENCE.C', () => {
  const raw = Iofence.encode({ ...pick('IOFENCE.C'), AV: true, ADDR: 0x1000n, DATA: 0xffff_ffff, PR: true, PW: true });

  test('writes, and orders what devices did', () => {
    assert.deepEqual(decoded(raw), {
      kind: 'IOFENCE.C',
      write: { address: 0x4000n, data: 0xffff_ffff },
      wsi: false,
      pr: true,
      pw: true,
    });
    assert.deepEqual(decoded(Iofence.with(raw, { AV: false, PR: false, PW: false })), {
      kind: 'IOFENCE.C',
      write: undefined,
      wsi: false,
      pr: false,
      pw: false,
    });
  });

  test('WSI is reserved without wires', () => {
    const wired = Iofence.with(raw, { WSI: true });
    assert.strictEqual(kindOf(wired, { isWired: true }), 'IOFENCE.C');
    assert.strictEqual(kindOf(wired, { isWired: false }), 'illegal');
  });
});

suite('IODIR', () => {
  const ddt = (values: object, around: Around = {}): string => kindOf(Iodir.with(legal['IODIR.INVAL_DDT'], values), around);
  const pdt = (values: object, around: Around = {}): string => kindOf(Iodir.with(legal['IODIR.INVAL_PDT'], values), around);

  test('INVAL_DDT is of one device or of all, and of no process', () => {
    assert.deepEqual(decoded(Iodir.with(legal['IODIR.INVAL_DDT'], { DV: true, DID: 0xff_ffff })), {
      kind: 'IODIR.INVAL_DDT',
      deviceId: 0xff_ffff,
    });
    assert.deepEqual(decoded(Iodir.with(legal['IODIR.INVAL_DDT'], { DID: 5 })), { kind: 'IODIR.INVAL_DDT', deviceId: undefined });
    assert.strictEqual(ddt({ DV: true, PID: 1 }), 'illegal');
    assert.strictEqual(ddt({ PID: 1 }), 'illegal');
  });

  test('INVAL_PDT is of one process of one device', () => {
    assert.deepEqual(decoded(Iodir.with(legal['IODIR.INVAL_PDT'], { DID: 3, PID: 0xf_ffff })), {
      kind: 'IODIR.INVAL_PDT',
      deviceId: 3,
      processId: 0xf_ffff,
    });
    assert.strictEqual(pdt({ DV: false }), 'illegal');
  });

  for (const [mode, MSI_FLAT, width] of [
    [1, true, 6],
    [1, false, 7],
    [2, true, 15],
    [2, false, 16],
    [3, true, 24],
    [3, false, 24],
    ['off', true, 24],
    ['bare', false, 24],
  ] as const)
    test(`a device_id has ${width} bits in mode ${mode} ${MSI_FLAT ? 'with' : 'without'} MSI_FLAT`, () => {
      const around = { mode, part: MSI_FLAT ? {} : { MSI_FLAT: false, MSI_MRIF: false, AMO_MRIF: false } };
      for (const [check, kind] of [
        [ddt, 'IODIR.INVAL_DDT'],
        [pdt, 'IODIR.INVAL_PDT'],
      ] as const) {
        assert.strictEqual(check({ DV: true, DID: 2 ** width - 1 }, around), kind);
        if (width < 24) assert.strictEqual(check({ DV: true, DID: 2 ** width }, around), 'illegal');
      }
      // It is ignored.
      assert.strictEqual(ddt({ DID: 0xff_ffff }, around), 'IODIR.INVAL_DDT');
    });

  for (const [PD8, PD17, PD20, width] of [
    [false, false, false, 0],
    [true, false, false, 8],
    [true, true, false, 17],
    [false, false, true, 20],
  ] as const)
    test(`a process_id has ${width} bits`, () => {
      const around = { part: { PD8, PD17, PD20 } };
      assert.strictEqual(pdt({ PID: 2 ** width - 1 }, around), 'IODIR.INVAL_PDT');
      if (width < 20) assert.strictEqual(pdt({ PID: 2 ** width }, around), 'illegal');
    });
});

suite('ATS', () => {
  const to = { RID: 0x1234, DSEG: 0x56, PID: 0x7_89ab };

  test('is unsupported without the capability', () => {
    for (const name of ['ATS.INVAL', 'ATS.PRGR'] as const)
      assert.strictEqual(kindOf(legal[name], { part: { ATS: false, T2GPA: false } }), 'unsupported');
  });

  test('INVAL has an address, as the message has it', () => {
    const raw = AtsInval.encode({ ...pick('ATS.INVAL'), ...to, DSV: true, PV: true, G: true, S: true, Address: 0x1_2345n });
    assert.deepEqual(decoded(raw), {
      kind: 'ATS.INVAL',
      segment: 0x56,
      rid: 0x1234,
      processId: 0x7_89ab,
      global: true,
      sized: true,
      address: 0x1234_5000n,
    });
  });

  test('PRGR has a group and a response', () => {
    const raw = AtsPrgr.encode({ ...pick('ATS.PRGR'), ...to, PageRequestGroupIndex: 0x1ff, ResponseCode: 'response-failure' });
    assert.deepEqual(decoded(raw), {
      kind: 'ATS.PRGR',
      segment: undefined,
      rid: 0x1234,
      processId: undefined,
      group: 0x1ff,
      status: 'response-failure',
    });
    assert.strictEqual(raw >> 64n, (0x1ffn << 32n) | (0xfn << 44n));
  });
});
