/** The command as a person starts it. Few: each costs half a second. What is typed wrong is tried with others at once. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { assert } from 'chai';
import { answerErrors } from '#reports/schemas';
import type { AnswerName } from '#reports/schemas';
import type { RunAnswer } from '#reports/run';
import { EXIT } from '#cli/exit-code';
import { program } from '#cli/program';

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
after(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param begun Called once, when the command has begun to run scenarios. */
function iommuTck(args: readonly string[], begun?: (kill: () => void) => void): Promise<Ended> {
  const child = spawn(process.execPath, ['bin/iommu-tck.js', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
    });
  }
  const timer = begun && setInterval(() => begun(() => child.kill('SIGINT')), 50);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearInterval(timer);
      resolve({ code, ...said });
    });
  });
}

const SAMPLES = ['--features', 'cli/testdata/features'];
const out = (name: string): readonly string[] => ['--out', join(folder, name)];

/** The one document on stdout, which the published schema allows. */
function answered(name: AnswerName, { stdout }: Ended): unknown {
  const answer: unknown = JSON.parse(stdout);
  assert.deepEqual(answerErrors(name, answer), []);
  return answer;
}

describe('what is typed wrong', () => {
  const cases: readonly (readonly [string, readonly string[], string | RegExp])[] = [
    ['a command', ['rum'], "unknown command 'rum' (Did you mean run?); type iommu-tck --help"],
    ['an option', ['rules', '--sytem', 'x'], "unknown option '--sytem' (Did you mean --system?); type iommu-tck rules --help"],
    [
      'a driver',
      ['run', '--driver', 'tou'],
      /^iommu-tck: no driver is called "tou"; bundled are .*; a file is named by its path, like \.\/tou\.ts\n$/,
    ],
    ['a mode', ['run', '--driver', 'toy', '--mode', 'fast'], '--mode fast: there is no such mode; use lazy, eager or seeded:<n>'],
    ['a mutant', ['mutants', '--id', 'harmless'], '--id harmless: there is no such mutant; type iommu-tck mutants to see them'],
    ['a model', ['replay', 'vt-d', 'vectors.jsonl'], 'no model with vectors is called "vt-d"; use one of: riscv-iommu'],
    [
      'a file of vectors',
      ['replay', 'riscv-iommu', 'vectors.jsonl', '--json'],
      'vectors.jsonl: there is no such file; name a file of vectors, .jsonl or .jsonl.gz',
    ],
    ['a system', ['rules', '--system', 'amd'], /^iommu-tck: --system amd: there is no such system; use one of: common .*\n$/],
    [
      'a folder',
      ['run', '--driver', 'toy', '--out', 'package.json/x'],
      /^iommu-tck: --out package\.json\/x: cannot be written: .*; name another folder\n$/,
    ],
    ...(existsSync('/proc/self')
      ? ([
          [
            'a folder in no file system',
            ['run', '--driver', 'toy', '--out', '/proc/x/y'],
            /^iommu-tck: --out \/proc\/x\/y: cannot be written: ENOENT.*; name another folder\n$/,
          ],
        ] as const)
      : []),
    [
      'a file',
      ['run', '--driver', './cli/testdata/drivers/unknown-profile.ts', ...SAMPLES, ...out('wrong')],
      /^iommu-tck: \.\/cli\/testdata\/drivers\/unknown-profile\.ts: driver\.manifest\.profile: .*\n$/,
    ],
  ];
  it('is refused with one line on stderr and exit code 2', async () => {
    const ended = await Promise.all(cases.map(([, args]) => iommuTck(args)));
    for (const [index, [what, , message]] of cases.entries()) {
      const { code, stdout, stderr } = ended[index]!;
      assert.deepEqual([code, stdout], [EXIT.usage, ''], what);
      if (typeof message === 'string') assert.strictEqual(stderr, `iommu-tck: ${message}\n`);
      else assert.match(stderr, message);
    }
  });
});

describe('--help', () => {
  const root = program(() => undefined);
  for (const command of root.commands) {
    it(`of ${command.name()} has examples`, () => {
      let text = '';
      command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
      assert.match(text, /^Usage: iommu-tck [\w-]+ \[options\](?: <\w+>)*\n/);
      assert.include(text, '\nExamples:\n  iommu-tck ');
      // What it answers is a folder.
      if (command.name() !== 'new-driver') assert.include(text, '--json');
    });
  }
});

describe('answers for machines', () => {
  it('are one document each, as the schemas say', async () => {
    const [rules, doctor, mutants, matrix] = await Promise.all([
      iommuTck(['rules', '--json']),
      iommuTck(['doctor', '--json', ...out('doctor')]),
      iommuTck(['mutants', '--driver', 'toy', '--id', 'no-locks', '--id', 'errno-flattened', '--json']),
      iommuTck(['matrix', '--driver', 'toy', '--driver', './no-such.ts', ...SAMPLES, '--json', ...out('matrix')]),
    ]);
    assert.deepEqual(
      [rules, doctor, mutants].map(({ code, stderr }) => [code, stderr]),
      [
        [EXIT.kept, ''],
        [EXIT.kept, ''],
        [EXIT.kept, ''],
      ],
    );
    answered('rules', rules);
    answered('doctor', doctor);
    const { mutants: judged } = answered('mutants', mutants) as { mutants: { id: string; killed: boolean }[] };
    assert.deepEqual(
      judged.map(({ id, killed }) => [id, killed]),
      [
        ['no-locks', true],
        ['errno-flattened', true],
      ],
    );

    const { partial, drivers } = answered('run', matrix) as RunAnswer;
    assert.isTrue(partial);
    assert.deepEqual(
      drivers.map(({ name, modes, verdicts }) => [name, modes.join(' '), new Set(verdicts.map(({ verdict }) => verdict))]),
      [
        ['toy', 'eager lazy seeded:1', new Set(['kept'])],
        ['./no-such.ts', 'eager', new Set(['harness-error'])],
      ],
    );
    assert.deepEqual([matrix.code, matrix.stderr], [EXIT.harness, 'iommu-tck: ./no-such.ts: there is no such file\n']);
    for (const name of [
      'site/index.html',
      'run.json',
      'junit.xml',
      'results.ktap',
      'summary.md',
      'ledger.md',
      'messages/toy-lazy.ndjson',
    ]) {
      assert.isTrue(existsSync(join(folder, 'matrix', name)), name);
    }
  });
});

describe('run', () => {
  it('shows a failure with its rule, source, trace, and the command that shows it again', async () => {
    const args = ['run', '--driver', 'toy!errno-flattened', '--rule', 'COM-MAP-02', ...out('failure')];
    const { code, stdout, stderr } = await iommuTck([...args, '--format', 'html,junit']);
    assert.deepEqual([code, stderr], [EXIT.broken, '']);
    assert.match(stdout, /^toy!errno-flattened breaks COM-MAP-02 \(eager\)\nExpected: .+\nSource: .+\nScenario: .+\nFound: .+\n {10}/);
    assert.include(stdout, '\npartial: this run makes no claim of conformance\n  only the rule COM-MAP-02\n');
    assert.notInclude(stdout, '\u001b');
    assert.include(
      readFileSync(join(folder, 'failure', 'cucumber', 'toy-errno-flattened-eager.html'), 'utf8').slice(0, 100),
      '<!DOCTYPE html>',
    );
    const [, again = ''] = /\nAgain: {4}npx iommu-tck (.*)\n/.exec(stdout) ?? [];
    assert.strictEqual(again, "run --driver 'toy!errno-flattened' --rule COM-MAP-02 --mode eager");
  });

  it('keeps what is finished when it is interrupted, and ends with 4', async () => {
    const stream = join(folder, 'interrupted', 'messages', 'cli-testdata-drivers-loops.ts-eager.ndjson');
    let interrupted = false;
    const { code, stdout, stderr } = await iommuTck(
      ['run', '--driver', './cli/testdata/drivers/loops.ts', ...SAMPLES, '--json', ...out('interrupted')],
      (kill) => {
        // The second scenario, which never ends, has begun.
        if (interrupted || !existsSync(stream) || (readFileSync(stream, 'utf8').match(/^\{"testCaseStarted"/gm) ?? []).length < 2) return;
        interrupted = true;
        kill();
      },
    );
    assert.strictEqual(code, EXIT.partial, stderr);
    assert.match(stderr, /^iommu-tck: interrupted: writing what is finished to .*; press Ctrl-C again to end at once\n/);
    const { partial, drivers } = JSON.parse(stdout) as RunAnswer;
    assert.isTrue(partial);
    assert.strictEqual(readFileSync(join(folder, 'interrupted', 'run.json'), 'utf8'), stdout);
    assert.deepEqual(
      drivers[0]?.verdicts.map(({ verdict }) => verdict),
      ['kept', 'not-tested', 'not-tested', 'not-tested'],
    );
  });
});
