/**
 * What the defects of the patches as submitted come to: each alone in a driver that has no other, and all of them together. The lists of
 * expected failures hold what the run as a whole breaks; advice stands in no such list, and one defect hides another. The documents of
 * the systems have the same tables.
 */
import { describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import type { DriverModule } from '#drivers/contract/driver';
import { DEFECTS as IOMMUFD_DEFECTS, suspectedOver } from '#drivers/iommufd/suspected';
import { mutate } from '#drivers/mutants/mutate';
import type { Edit } from '#drivers/mutants/mutant';
import { DEFECTS as PKVM_DEFECTS } from '#drivers/pkvm/as-submitted';
import { DEFECTS as RISCV_DEFECTS } from '#drivers/riscv/as-submitted';
import { DEFECTS as VTD_V4_DEFECTS } from '#drivers/vtd/as-submitted';
import { edited, V4 } from '#drivers/vtd/series';
import { DEFECTS as VTD_SUSPECTED_DEFECTS } from '#drivers/vtd/suspected';
import { DEFECTS as VTD_V3_DEFECTS } from '#drivers/vtd/v3';
import { readFeatures } from '#reports/ledger/ledger';
import type { LedgerEntry } from '#reports/ledger/rules';
import { NotApplicable } from '#steps/bench/outcomes';
import { compiler, play, type Compiled } from '#steps/loop';
import { FEATURES } from './root';
import { isRaceOfOneSystem } from './testdata/races';

interface Patch {
  readonly of: string;
  readonly defects: Readonly<Record<string, readonly Edit[]>>;
  /** The driver with one of the defects. */
  readonly having: (defect: string, edits: readonly Edit[]) => DriverModule | Promise<DriverModule>;
  /** The driver with all of them. */
  readonly all: () => DriverModule | Promise<DriverModule>;
  /** The rules whose scenarios are played. */
  readonly plays: (rule: LedgerEntry) => boolean;
  /** The rules that count when they are broken, the sanitizer's among them. */
  readonly counts: (rule: LedgerEntry) => boolean;
  /** What each defect breaks alone. */
  readonly alone: Readonly<Record<string, readonly string[]>>;
  /** What all of them break that none breaks alone. */
  readonly together: readonly string[];
  /** What one of them breaks and all of them do not: another comes first. */
  readonly hidden: readonly string[];
}

/** The reference driver with a defect. */
const mutated =
  (of: string): Patch['having'] =>
  async (defect, edits) =>
    mutate(await connect(of), { id: defect, of, system: of, rule: defect, by: 'step', edits });

const isPkvmAdvice = ({ system, kind }: LedgerEntry): boolean => system === 'pkvm' && kind === 'hardened';

const PKVM: Patch = {
  of: 'pkvm',
  defects: PKVM_DEFECTS,
  having: mutated('pkvm'),
  all: () => connect('pkvm-as-submitted'),
  plays: isPkvmAdvice,
  counts: isPkvmAdvice,
  alone: {
    'PKVM-DEF-01': ['PKVM-FREE-06'],
    'PKVM-DEF-02': ['PKVM-ATT-09', 'PKVM-ATT-10'],
    'PKVM-DEF-03': [],
    'PKVM-DEF-04': ['PKVM-DET-06'],
    'PKVM-DEF-05': ['PKVM-MEM-09'],
    'PKVM-DEF-07': ['PKVM-ID-11', 'PKVM-ID-12'],
    'PKVM-DEF-08': [],
    'PKVM-DEF-10': [],
    'PKVM-DEF-11': ['PKVM-INIT-05', 'PKVM-MEM-11a'],
    'PKVM-DEF-13': ['PKVM-MEM-11a'],
  },
  // DEF-03 with DEF-04.
  together: ['PKVM-DET-05'],
  hidden: [],
};

/** What is only observed breaks nothing. */
const binds = ({ kind }: LedgerEntry): boolean => kind !== 'observed' && kind !== 'open';
/** What a system's own features say, and those for every driver. */
const bindsIn = (system: string) => (rule: LedgerEntry) => [system, 'common'].includes(rule.system) && binds(rule);

const RISCV: Patch = {
  of: 'riscv',
  defects: RISCV_DEFECTS,
  having: mutated('riscv'),
  all: () => connect('riscv-as-submitted'),
  plays: bindsIn('riscv'),
  counts: binds,
  alone: {
    'RVN-DEF-01': ['COM-RACE-01', 'COM-UNW-01', 'RVN-DET-01', 'RVN-FLUSH-02', 'SAN-ALL-OR-NOTHING', 'SAN-BALANCE', 'SAN-STALENESS'],
    'RVN-DEF-02': ['RVN-FLUSH-07', 'SAN-ALL-OR-NOTHING'],
    'RVN-DEF-03': ['RVN-FLUSH-01'],
    'RVN-DEF-04': ['RVN-SEQ-01', 'RVN-SEQ-02', 'RVN-SEQ-03', 'RVN-SEQ-04', 'RVN-SEQ-05', 'SAN-HITLESS'],
    'RVN-DEF-05': ['RVN-DET-05', 'RVN-NST-08', 'RVN-SEQ-04'],
    'RVN-DEF-06': [
      'RVN-DET-06',
      'RVN-FLUSH-02',
      'RVN-SEQ-04',
      'RVN-TAG-02',
      'RVN-TAG-03',
      'RVN-TAG-04',
      'RVN-TAG-05',
      'RVN-UAPI-03',
      'SAN-DANGLING',
      'SAN-STALENESS',
    ],
    'RVN-DEF-07': ['RVN-SEQ-01', 'RVN-UAPI-08', 'SAN-HITLESS'],
    'RVN-DEF-08': ['RVN-ALLOC-01', 'RVN-ALLOC-02'],
    'RVN-DEF-09': [
      'RVN-ALLOC-04',
      'RVN-ALLOC-08',
      'RVN-ALLOC-11',
      'RVN-ALLOC-14',
      'RVN-FENCE-01',
      'RVN-FENCE-02',
      'RVN-FLUSH-02',
      'RVN-FLUSH-03',
      'RVN-FLUSH-05',
      'RVN-SEQ-03',
      'RVN-SEQ-04',
      'RVN-SEQ-06',
      'RVN-SEQ-07',
      'RVN-SP-01',
      'RVN-SP-05',
      'RVN-SP-13',
      'RVN-SP-14',
      'RVN-TAG-01',
      'RVN-UNW-03',
      'RVN-UNW-05',
    ],
    'RVN-DEF-10': [
      'COM-UNW-01',
      'RVN-ALLOC-12',
      'RVN-ALLOC-13',
      'RVN-ALLOC-14',
      'RVN-ALLOC-15',
      'RVN-NST-04',
      'RVN-NST-06',
      'RVN-TAG-01',
      'RVN-UNW-01',
      'RVN-UNW-04',
      'RVN-UNW-05',
      'RVN-UNW-06',
      'SAN-ALL-OR-NOTHING',
      'SAN-BALANCE',
    ],
    'RVN-DEF-11': ['RVN-UAPI-04', 'RVN-UAPI-05'],
    'RVN-DEF-13': ['RVN-UAPI-03'],
    'RVN-DEF-14': ['RVN-UAPI-03'],
  },
  together: [],
  // By DEF-05, with which a device has other words to begin with.
  hidden: ['RVN-DET-06'],
};

/** @param profile What the driver is measured by. @param edits What it has besides the defects. */
const vtd = (defects: Patch['defects'], profile: 'vtd-v4' | 'vtd-mainline', edits: readonly Edit[]) =>
  ({
    defects,
    having: (defect, own) => edited(defect, profile, [...edits, ...own]),
    all: () => edited('all', profile, [...edits, ...Object.values(defects).flat()]),
    plays: bindsIn('vtd'),
    counts: binds,
    together: [],
    hidden: [],
  }) satisfies Partial<Patch>;

/** Measured by what version 4 says. */
const VTD_V3: Patch = {
  of: 'vtd, version 3',
  ...vtd(VTD_V3_DEFECTS, 'vtd-v4', V4),
  alone: {
    'VTDN-DEF-09': ['VTDN-ERRATA-04'],
    'VTDN-DEF-10': ['SAN-DANGLING', 'VTDN-ALLOC-04'],
  },
};

const VTD_V4: Patch = {
  of: 'vtd, version 4',
  ...vtd(VTD_V4_DEFECTS, 'vtd-v4', V4),
  alone: {
    'VTDN-DEF-03': ['VTDN-INV-06'],
    'VTDN-DEF-04': ['VTDN-INV-04'],
    'VTDN-DEF-05': ['VTDN-ERRATA-05'],
  },
};

const VTD_SUSPECTED: Patch = {
  of: 'vtd, suspected',
  ...vtd(VTD_SUSPECTED_DEFECTS, 'vtd-mainline', []),
  alone: {
    'VTDN-DEF-01': ['SAN-ALL-OR-NOTHING', 'VTDN-ATT-11', 'VTDN-ATT-12'],
    'VTDN-DEF-02': ['SAN-ALL-OR-NOTHING', 'VTDN-ATT-15'],
    'VTDN-DEF-06': ['VTDN-ALLOC-07', 'VTDN-ALLOC-08'],
    'VTDN-DEF-07': ['VTDN-ALLOC-06'],
    'VTDN-DEF-08': ['VTDN-INV-10', 'VTDN-INV-11'],
  },
};

/** What the core does not refuse unless it is asked to be stricter than Linux: IFD-DEF-10 and what is alike. */
const LENIENT = ['IFD-DRT-08', 'IFD-DRT-09', 'IFD-HWPT-11'];

const IOMMUFD: Patch = {
  of: 'iommufd, suspected',
  defects: IOMMUFD_DEFECTS,
  having: async (_defect, edits) => suspectedOver(await connect('riscv'), edits),
  all: () => connect('iommufd-suspected'),
  plays: bindsIn('iommufd'),
  counts: binds,
  alone: {
    'IFD-DEF-01': [...LENIENT, 'IFD-ATT-10', 'IFD-IOAS-04'],
    'IFD-DEF-04': [...LENIENT, 'IFD-ATT-12'],
    'IFD-DEF-05': [...LENIENT, 'IFD-ATT-13'],
  },
  together: [],
  hidden: [],
};

const { ledger, pickles } = readFeatures(FEATURES);
const compile = compiler();

/** Over with its last step: what is left behind is the sanitizer's affair, and looking for it takes most of a scenario's time. */
const untidied = ({ steps, ...scenario }: Compiled): Compiled => ({ ...scenario, steps: [...steps, ENOUGH] });
const ENOUGH: Compiled['steps'][number] = {
  text: 'enough',
  phase: 'then',
  run: () => {
    throw new NotApplicable('it is over');
  },
};

/** The rules that a driver breaks in the scenarios that are played. */
function judge({ plays, counts }: Patch): (module: DriverModule) => Promise<string[]> {
  const [played, counted] = [plays, counts].map((which) => new Set(ledger.rules.filter(which).map(({ id }) => id)));
  const scenarios: readonly (readonly [rules: readonly string[], scenario: Compiled])[] = pickles
    .filter((pickle) => !isRaceOfOneSystem(pickle) && pickle.rules.some((rule) => played!.has(rule)))
    .map((pickle) => [pickle.rules, untidied(compile(pickle))]);
  return async (module) => {
    const broken = new Set<string>();
    for (const [own, scenario] of scenarios) {
      const { verdict, sanitizer, message } = await play(scenario, module, 'eager');
      assert.notEqual(verdict, 'harness-error', `${scenario.name}: ${message}`);
      for (const rule of [...(verdict === 'broken' ? own : []), ...(sanitizer === undefined ? [] : [sanitizer])]) {
        if (counted!.has(rule)) broken.add(rule);
      }
    }
    return [...broken].sort();
  };
}

for (const patch of [PKVM, RISCV, VTD_V3, VTD_V4, VTD_SUSPECTED, IOMMUFD]) {
  const { of, defects, having, all, alone, together, hidden } = patch;
  const brokenBy = judge(patch);

  describe(`the defects of the patch as submitted: ${of}`, () => {
    it('are all in the list', () => {
      assert.sameMembers(Object.keys(defects), Object.keys(alone));
    });

    for (const [defect, edits] of Object.entries(defects)) {
      it(`${defect} alone`, async () => {
        assert.deepEqual(await brokenBy(await having(defect, edits)), [...(alone[defect] ?? [])].sort());
      });
    }

    it('all together', async () => {
      const expected = new Set([...Object.values(alone).flat(), ...together]);
      for (const rule of hidden) expected.delete(rule);
      assert.deepEqual(await brokenBy(await all()), [...expected].sort());
    });
  });
}
