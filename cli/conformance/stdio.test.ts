/** A program that does something wrong: one clear verdict, or one clear refusal; the run goes on, and no process is left behind. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import { Bad } from '#cli/testdata/bad-drivers';

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
after(() => rmSync(folder, { recursive: true }));

const PROGRAM = 'cli/testdata/stdio/faulty.js';
const faulty = (fault: string): string => `stdio:node ${PROGRAM} ${fault}`;

/** Processes of the fault, and what it has begun. */
const left = (what: string): readonly string[] =>
  spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.includes(what));

/** Milliseconds of a step; one call has half of it. */
const STEP_MS = 3000;

describe('a program that fails in a call', () => {
  const faults: Readonly<Record<string, string>> = {
    hangs: 'attach(d2, A) did not answer within 1500 ms',
    exits: 'in attach(d2, A), the driver exited with code 3',
    'is-ended': 'in attach(d2, A), the driver was ended by SIGSEGV',
    'answers-before': 'which was never asked, while iommu.attach (request ',
    'answers-an-error': 'in attach(d2, A), the driver answered iommu.attach with an error: out of cheese',
    'long-line': 'in attach(d2, A), the driver sent a line of more than 1 MiB',
    'no-utf8': 'in attach(d2, A), the driver sent a line that is no UTF-8: "{ÿþ"',
    'no-json': 'in attach(d2, A), the driver sent a line that is no JSON: "attaching d2"; standard output belongs to the protocol',
    'no-message': 'in attach(d2, A), the driver sent a line that is no message of the protocol: "{\\"attaching\\": 2}"',
    'closes-stdin': 'in attach(d2, A), the driver closed its standard input',
    'calls-what-is-not': 'in attach(d2, A), the driver called "platform.format", which is no method that it is offered',
    'calls-with-rubbish': 'in attach(d2, A), the driver sent -1 as platform.write64: value, which is no word like "0x1f"',
    'writes-elsewhere': 'write at 0x1_2345_6000: the driver does not own that page',
    'answers-null-error': 'in attach(d2, A), the driver sent a line that is no message of the protocol',
    'method-is-no-text': 'in attach(d2, A), the driver sent a line that is no message of the protocol',
    'id-is-text': 'in attach(d2, A), the driver sent a line that is no message of the protocol',
    'long-error': 'in attach(d2, A), the driver answered iommu.attach with an error: cheese cheese',
    'begins-another': 'in attach(d2, A), the driver exited with code 4',
  };
  let bad: Bad;
  before(async () => {
    bad = await Bad.run(Object.keys(faults).map(faulty), folder, STEP_MS);
  });

  for (const [fault, message] of Object.entries(faults)) {
    it(`is broken there and nowhere else: ${fault}`, () => {
      const { before: first, call, scene, after: last } = bad.of((driver) => driver === faulty(fault));
      assert.deepEqual(
        [first, call, scene, last].map((one) => one?.verdict),
        ['kept', 'broken', 'not-tested', 'kept'],
      );
      assert.include(call?.message, message);
      assert.include(scene?.message, message);
    });
  }

  it('leaves no process behind, nor what it has begun', () => {
    assert.deepEqual(left(PROGRAM), []);
    assert.deepEqual(left('sleep 6173'), []);
  });
});

describe('a program that says too much after its answer', () => {
  const faults: Readonly<Record<string, RegExp>> = {
    'answers-twice': /the driver answered request \d+, which it had answered already, after iommu\.attach \(request \d+\)/,
    'calls-late': /the driver called platform\.read64 after it had answered iommu\.attach/,
  };
  let bad: Bad;
  before(async () => {
    bad = await Bad.run(Object.keys(faults).map(faulty), folder, STEP_MS);
  });

  for (const [fault, message] of Object.entries(faults)) {
    it(`breaks the rule of that scenario and no other: ${fault}`, () => {
      const { before: first, call, scene, after: last } = bad.of((driver) => driver === faulty(fault));
      assert.deepEqual(
        [first, call, scene, last].map((one) => one?.verdict),
        ['kept', 'broken', 'broken', 'kept'],
      );
      assert.match(call?.message ?? '', message);
    });
  }
});

describe('a program that does something between two scenarios', () => {
  it('makes the run partial, and no rule is broken', async () => {
    const { result } = await Bad.run([faulty('says-more-at-the-end')], folder, STEP_MS);
    assert.include(
      result.run?.leftOut.join('\n'),
      'outside any call, between two scenarios, its program sent a line that is no JSON: "bye"',
    );
  });
});

describe('a program that takes its time to begin', () => {
  it('is late in no call for it', async () => {
    // A call may take 3 seconds, and it says hello after more.
    const bad = await Bad.run([faulty('says-hello-late')], folder, 6000);
    const { before: first, call, after: last } = bad.of(() => true);
    assert.deepEqual(
      [first, call, last].map((one) => one?.verdict),
      ['kept', 'broken', 'kept'],
    );
    assert.include(call?.message, 'in attach(d2, A), the driver exited with code 5');
  });
});

describe('a program that keeps the protocol', () => {
  for (const way of ['none', 'splits-a-line', 'leaves-a-child']) {
    it(`is judged by what it does, and no process is left: ${way}`, async () => {
      const bad = await Bad.run([faulty(way)], folder, STEP_MS);
      const verdicts = Object.values(bad.of(() => true)).map(({ verdict }) => verdict);
      assert.deepEqual(verdicts, ['kept', 'kept', 'kept', 'kept']);
      assert.deepEqual(left(`${PROGRAM} ${way}`), []);
      assert.deepEqual(left('sleep 6174'), []);
    });
  }
});

describe('a program that is no driver', () => {
  const refused: Readonly<Record<string, string>> = {
    [faulty('noise-before-hello')]:
      'the program sent a line that is no JSON: "my driver, version 3"; standard output belongs to the protocol',
    [faulty('hello-is-an-error')]: 'the program sent a line that is no message of the protocol',
    [faulty('other-version')]: 'the program speaks version 2 of the protocol, and this suite version 1',
    [faulty('no-manifest')]: 'driver.manifest.implements',
    'stdio:./no-such-program':
      'the program cannot be run: there is no ./no-such-program; a program that is not on the path is named like ./my-driver',
    'stdio:./README.md': 'the program cannot be run: ./README.md is not executable',
    'stdio:true': 'the program exited with code 0',
    'stdio:cat': 'the program called hello in hello, where it may call nothing',
    'stdio:  ': 'names no command: type stdio:<command>, like stdio:./my-driver',
  };
  for (const [name, message] of Object.entries(refused)) {
    it(`is refused with one line: ${name}`, async () => {
      const said = await connect(name).then(
        () => 'it was accepted',
        (error: unknown) => String(error),
      );
      assert.match(said, /^UsageError: /);
      assert.include(said, message);
      assert.notInclude(said, '\n');
    });
  }

  it('is not left behind', () => assert.deepEqual(left(PROGRAM), []));
});
