/**
 * What the patches as they were submitted are known to break, beyond the advice that they get on the hardened rules, by the defect that is
 * seen first: docs/systems/riscv.md says what each is. DEF-13 and DEF-14 get advice alone.
 */
import type { ExpectedFailure } from '#drivers/contract/expected';

const each = (rules: readonly string[], message: string): readonly ExpectedFailure[] => rules.map((rule) => ({ rule, message }));

export const EXPECTED: readonly ExpectedFailure[] = [
  // DEF-01: the next attach looks into the domain that was freed, wherever a device that was detached is attached again.
  ...each(
    ['RVN-DET-01', 'RVN-FLUSH-02', 'COM-RACE-01', 'COM-UNW-01', 'SAN-BALANCE', 'SAN-ALL-OR-NOTHING', 'SAN-STALENESS'],
    'it was freed before',
  ),
  // DEF-02
  { rule: 'SAN-ALL-OR-NOTHING', message: 'was refused, but 1 object:bond that was held before is gone' },
  // DEF-03
  { rule: 'RVN-FLUSH-01', message: 'gave the commands "IOTINVAL.VMA gscid 0x1 pscid 0x1' },
  // DEF-04
  ...each(
    ['RVN-SEQ-01', 'RVN-SEQ-02', 'RVN-SEQ-03', 'RVN-SEQ-04', 'RVN-SEQ-05', 'SAN-HITLESS'],
    'may be stopped (cause 258), while it is replaced',
  ),
  // DEF-05: a device has the words of the last allocation, or none.
  { rule: 'RVN-DET-05', message: 'iosatp.PPN of d1: 260, expected 256' },
  { rule: 'RVN-DET-05', message: 'reaches PA 0x80000000, expected reaches PA 0x80001000' },
  { rule: 'RVN-NST-08', message: 'd2 read of 0x1000: faults' },
  { rule: 'RVN-SEQ-04', message: 'reaches PA 0x80001000, expected reaches PA 0x80000000' },
  { rule: 'RVN-SEQ-04', message: 'faults, expected reaches PA 0x80000000' },
  // DEF-06: the tag is not the domain's, nor is the second stage its parent's.
  { rule: 'RVN-TAG-05', message: 'reaches PA 0x80000008, expected faults with cause 13' },
  { rule: 'SAN-STALENESS', message: 'space GSCID' },
  { rule: 'SAN-STALENESS', message: 'which it is not granted' },
  { rule: 'SAN-DANGLING', message: 'the Sv39 level 2 table at 0x10_0000, a root, lies in frame 0x10_0000' },
  // DEF-07
  { rule: 'RVN-UAPI-08', message: 'iosatp.MODE of d1: Bare, expected Sv39' },
  // DEF-08
  ...each(['RVN-ALLOC-01', 'RVN-ALLOC-02'], 'was accepted, expected refused with EOPNOTSUPP'),
  // DEF-09: what is asked of a first stage is answered by a second one.
  { rule: 'RVN-ALLOC-04', message: 'iosatp.MODE of d1: Bare, expected Sv57' },
  { rule: 'RVN-ALLOC-08', message: 'allocates pages, times: 2, expected 1' },
  { rule: 'RVN-SP-14', message: 'iohgatp.MODE of d1: Sv57x4, expected Bare' },
  { rule: 'RVN-TAG-01', message: 'ta.PSCID of d1: 0' },
  ...each(['RVN-ALLOC-14', 'RVN-TAG-01'], 'was accepted, expected refused with ENOMEM'),
  ...each(['RVN-SEQ-04', 'RVN-SEQ-06', 'RVN-SEQ-07', 'RVN-SP-01', 'RVN-SP-05'], 'faults with cause 21, expected faults with cause 13'),
  ...each(['RVN-FLUSH-05', 'RVN-SP-05'], 'faults with cause 23, expected faults with cause 15'),
  { rule: 'RVN-SP-05', message: 'faults with cause 20, expected faults with cause 12' },
  ...each(['RVN-FENCE-01', 'RVN-SP-13'], 'gave the commands "IOTINVAL.GVMA gscid 0x1 address 0x1000'),
  { rule: 'RVN-FLUSH-03', message: 'IOTINVAL.VMA gscid 0x1, IOTINVAL.GVMA gscid 0x1' },
  // DEF-10
  { rule: 'RVN-NST-04', message: 'was refused, but 1 object:domain more is held' },
  { rule: 'RVN-NST-06', message: 'was refused with ENOMEM, expected accepted' },
  ...each(
    ['COM-UNW-01', 'RVN-ALLOC-04', 'RVN-ALLOC-12', 'RVN-ALLOC-13', 'RVN-ALLOC-14', 'RVN-TAG-01', 'SAN-ALL-OR-NOTHING'],
    'was refused, but 1 id:pscid more is held',
  ),
  { rule: 'SAN-ALL-OR-NOTHING', message: 'was refused, but 1 object:domain more is held' },
  { rule: 'SAN-BALANCE', message: 'id:pscid more behind' },
  { rule: 'SAN-BALANCE', message: 'id:pscid is still held' },
  // DEF-11
  { rule: 'RVN-UAPI-04', message: 'expected faults with cause 258' },
  { rule: 'RVN-UAPI-05', message: 'was accepted, expected refused' },
];
