/** The commands, their options and their help. What they do is loaded when one of them is called. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type * as doctorCommand from './commands/doctor';
import type * as matrixCommand from './commands/matrix';
import type * as mutantsCommand from './commands/mutants';
import type * as newDriverCommand from './commands/new-driver';
import type * as replayCommand from './commands/replay';
import type * as rulesCommand from './commands/rules';
import type * as runCommand from './commands/run';
import { EXIT_CODES } from './exit-code';
import type { ExitCode } from './exit-code';
import { formats, modes, seconds, several, shard } from './options';
import { ROOT } from './root';

// Not `import()`: under ts-node that loads no TypeScript on Node 20.
const load = createRequire(__filename);

const DEFAULT_OUT = 'reports/output';
/** Longer than a single call may take, so that a call that is late is reported as that call. */
const DEFAULT_LIMIT_S = '20';

/** The default is shown in the unit in which it is typed. */
const limitOption = (): Option =>
  new Option(
    '--limit <seconds>',
    'what one call may take before the driver is given up (a program: half of it, a step of many calls: 20 times)',
  )
    .argParser(seconds)
    .default(seconds(DEFAULT_LIMIT_S), DEFAULT_LIMIT_S);

/** @param exit Is told what a command answers. */
export function program(exit: (code: ExitCode) => void): Command {
  const root = new Command('iommu-tck')
    .description('Checks IOMMU drivers against the rules that maintainers have written down, on executable models of the hardware.')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .showSuggestionAfterError(true)
    .addHelpText('after', EXIT_CODES);
  addRun(root, exit);
  addMatrix(root, exit);
  addMutants(root, exit);
  addRules(root, exit);
  addReplay(root, exit);
  addNewDriver(root, exit);
  addDoctor(root, exit);
  return root;
}

const version = (): string => (load(join(ROOT, 'package.json')) as { readonly version: string }).version;

const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;

/** What of the features is run, and what is written. */
const conformanceOptions = (command: Command): Command =>
  command
    .option('--tags <expression>', 'only scenarios with these tags, such as "@area:mapping and not @heavy"')
    .option('--rule <id>', 'only this rule; may be repeated', several)
    .option(
      '--mode <mode>',
      'what caches choose of all that they may hold: lazy, eager (the default of run) or seeded:<n>; may be repeated',
      modes,
    )
    .option('--shard <i/n>', 'only the i-th of n parts', shard)
    .option('--format <formats>', 'write reports: html, junit, ktap, json, markdown, separated by commas', formats)
    .option('--out <folder>', 'where reports and message streams go', DEFAULT_OUT)
    .option('--features <folder>', 'features other than those of the suite')
    .addOption(limitOption())
    .option('--validate', 'hold every message of stdio: drivers, of both sides, against docs/schemas/stdio.json')
    .option('--json', 'print the verdicts as one JSON document (docs/schemas/run.json)');

function addRun(root: Command, exit: (code: ExitCode) => void): void {
  conformanceOptions(
    root
      .command('run')
      .summary('one driver against its rules')
      .description(
        'Runs one driver against every rule that binds it. Each failure names the rule, its source, a trace and how to see it again.',
      )
      .requiredOption('--driver <connectable>', 'a bundled driver, ./my-driver.ts, wasm:<file>, or stdio:<command>'),
  )
    .addHelpText(
      'after',
      examples(
        'iommu-tck run --driver ./my-driver.ts',
        'iommu-tck run --driver wasm:./my-driver.wasm',
        "iommu-tck run --driver 'stdio:./my-driver --quiet' --validate",
        'iommu-tck run --driver toy --rule COM-UNMAP-01 --mode lazy',
        'iommu-tck run --driver toy --mode eager --mode seeded:7 --format html,junit --out build/iommu-tck',
        "iommu-tck run --driver 'toy!unmap-without-invalidation'   (a mutant of it)",
        'iommu-tck run --driver toy+promised                       (the same driver, answering later)',
        "iommu-tck run --driver toy --tags '@area:mapping and not @heavy' --shard 1/4 --json",
      ),
    )
    .addHelpText('after', EXIT_CODES)
    .addHelpText('after', '\nWhat a driver is expected to break stands beside it: ./my-driver.expected.json, [{ "rule", "message" }].')
    .action(async (options: unknown) => {
      const { run } = load('./commands/run') as typeof runCommand;
      exit(await run(options as Parameters<typeof run>[0]));
    });
}

function addMatrix(root: Command, exit: (code: ExitCode) => void): void {
  conformanceOptions(
    root
      .command('matrix')
      .summary('every bundled driver in TypeScript against its rules')
      .description('Runs drivers against their rules and prints the rules x drivers matrix. Reference drivers are run in several modes.')
      .option('--driver <connectable>', 'this driver instead of those; may be repeated', several),
  )
    .addHelpText(
      'after',
      examples(
        'iommu-tck matrix',
        'iommu-tck matrix --driver toy --driver wasm:./my-driver.wasm',
        'iommu-tck matrix --driver pkvm --driver pkvm-c --driver pkvm-rust+stdio',
        'iommu-tck matrix --mode seeded:3 --json > run.json',
      ),
    )
    .addHelpText('after', EXIT_CODES)
    .action(async (options: unknown) => {
      const { matrix } = load('./commands/matrix') as typeof matrixCommand;
      exit(await matrix(options as Parameters<typeof matrix>[0]));
    });
}

function addMutants(root: Command, exit: (code: ExitCode) => void): void {
  root
    .command('mutants')
    .summary('what checks the checker: drivers with one defect each')
    .description('Runs each mutant against the rule that must find its defect. A mutant is killed when that rule finds it, for its reason.')
    .option('--driver <name>', 'only mutants of this driver; may be repeated', several)
    .option('--id <id>', 'only this mutant; may be repeated', several)
    .option('--all', 'against all rules: which of them find it as well')
    .addOption(limitOption())
    .option('--json', 'print one JSON document (docs/schemas/mutants.json)')
    .addHelpText(
      'after',
      examples('iommu-tck mutants', 'iommu-tck mutants --driver toy --id no-locks', 'iommu-tck mutants --all --json > kill-matrix.json'),
    )
    .addHelpText(
      'after',
      '\nExit codes:\n  0  all killed\n  1  one survived\n  2  usage\n  3  harness error: one could not be judged\n  4  partial: interrupted',
    )
    .action(async (options: unknown) => {
      const { mutants } = load('./commands/mutants') as typeof mutantsCommand;
      exit(await mutants(options as Parameters<typeof mutants>[0]));
    });
}

function addRules(root: Command, exit: (code: ExitCode) => void): void {
  root
    .command('rules')
    .summary('the rules, as the features hold them')
    .description('Prints every rule with its kind, state and statement.')
    .option('--system <name>', 'only rules of this system')
    .option('--features <folder>', 'features other than those of the suite')
    .option('--strict', 'exit with 1 when a rule has neither a scenario nor a reason to have none')
    .option('--json', 'print one JSON document (docs/schemas/rules.json)')
    .addHelpText('after', examples('iommu-tck rules', 'iommu-tck rules --system common', 'iommu-tck rules --json > rules.json'))
    .action((options: unknown) => {
      const { rules } = load('./commands/rules') as typeof rulesCommand;
      exit(rules(options as Parameters<typeof rules>[0]));
    });
}

/** One line a key of the objects that a file of vectors holds. */
const VECTORS = `
A file of vectors holds one JSON object a line, and may be gzipped (.gz). Words are strings such as "0x8000".
  id        name of the configuration; no two are the same
  caps      capabilities by the names of the register in lower case; what is absent is 0
  regs      writes to registers after reset: [name, word]
  mem       words of memory: [address, word]; all others are 0
  req       requests: did, pid, priv, iova, acc (r, w, x), at (u untranslated, t translated, a ATS), nw
  rsp       an answer to each: st (ok, ur, ca); pa, size, pbmt; msi, mrif, mrif_addr, mrif_nid; R, W, X, U, Priv, G, CXLio; cause, iotval, iotval2
  fq        fault records that are left: cause, did, pv, pid, priv, ttyp, iotval, iotval2
  memafter  words of mem that changed: [address, word]`;

function addReplay(root: Command, exit: (code: ExitCode) => void): void {
  root
    .command('replay')
    .summary('a hardware model against the answers of another implementation')
    .description('Plays recorded configurations on a model and compares every answer, the fault records and the memory that they leave.')
    .argument('<model>', 'riscv-iommu')
    .argument('<file>', 'of vectors: .jsonl or .jsonl.gz')
    .option('--json', 'print one JSON document (docs/schemas/replay.json)')
    .addHelpText(
      'after',
      examples('iommu-tck replay riscv-iommu vectors.jsonl.gz', 'iommu-tck replay riscv-iommu vectors.jsonl --json > replay.json'),
    )
    .addHelpText('after', VECTORS)
    .addHelpText(
      'after',
      '\nExit codes:\n  0  all configurations agree, or why they do not is known\n  1  one differs\n  2  usage, or a file that is wrong\n  3  harness error',
    )
    .action(async (model: string, file: string, options: unknown) => {
      const { replay } = load('./commands/replay') as typeof replayCommand;
      exit(await replay(model, file, options as Parameters<typeof replay>[2]));
    });
}

function addNewDriver(root: Command, exit: (code: ExitCode) => void): void {
  root
    .command('new-driver')
    .summary('a small project to begin a driver with')
    .description('Writes a project that builds and runs. It says yes to everything and does nothing, so that it breaks most rules.')
    .argument('<folder>', 'one that does not exist yet or is empty')
    .requiredOption('--lang <language>', 'ts, c or rust')
    .requiredOption('--system <name>', 'what it drives: toy, pkvm, riscv or vtd')
    .addHelpText(
      'after',
      examples('iommu-tck new-driver my-driver --lang c --system pkvm', 'iommu-tck new-driver my-driver --lang ts --system toy'),
    )
    .action((folder: string, options: unknown) => {
      const { newDriver } = load('./commands/new-driver') as typeof newDriverCommand;
      exit(newDriver(folder, options as Parameters<typeof newDriver>[1]));
    });
}

function addDoctor(root: Command, exit: (code: ExitCode) => void): void {
  root
    .command('doctor')
    .summary('what this machine has, and what suffers without it')
    .description('Looks for what the suite needs, and for tools that only some examples need.')
    .option('--out <folder>', 'the folder that reports would go to', DEFAULT_OUT)
    .option('--json', 'print one JSON document (docs/schemas/doctor.json)')
    .addHelpText('after', examples('iommu-tck doctor', 'iommu-tck doctor --json'))
    .action((options: unknown) => {
      const { doctor } = load('./commands/doctor') as typeof doctorCommand;
      exit(doctor(options as Parameters<typeof doctor>[0]));
    });
}
