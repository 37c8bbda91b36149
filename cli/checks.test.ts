import { describe, it } from 'node:test';
import { assert } from 'chai';
import { judge, readCounts, runChecks, runCommand } from '#cli/checks';
import type { Check } from '#cli/checks';

describe('readCounts', () => {
  it("reads the totals of Node's test runner, in both reporters", () => {
    assert.deepEqual(readCounts('ℹ tests 4\nℹ pass 2\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\n'), { passed: 2, failed: 2 });
    assert.deepEqual(readCounts('1..4\n# pass 4\n# fail 0\n# cancelled 0\n'), { passed: 4, failed: 0 });
  });

  it('reads the totals of Cucumber; a skipped scenario is neither a pass nor a failure', () => {
    assert.deepEqual(readCounts('9 scenarios (1 failed, 2 undefined, 1 skipped, 5 passed)\n20 steps (20 passed)\n'), {
      passed: 5,
      failed: 3,
    });
    assert.deepEqual(readCounts('1 scenario (1 passed)\n'), { passed: 1, failed: 0 });
    assert.deepEqual(readCounts('0 scenarios\n0 steps\n'), { passed: 0, failed: 0 });
  });

  it('reads a plain line of totals, the last one, whatever its colour', () => {
    assert.deepEqual(readCounts('1 passed, 1 failed\n\u001b[32m7 passed, 2 failed\u001b[39m\nmore\n'), { passed: 7, failed: 2 });
  });

  it('finds nothing in other output', () => {
    assert.isUndefined(readCounts('All matched files pass: 4 passed, 0 failed, maybe\n'));
  });
});

describe('judge', () => {
  const cases: readonly (readonly [string, Pick<Check, 'counts'>, number | null, string, string])[] = [
    ['a check that counts nothing is one test', {}, 0, '', '1/0'],
    ['a failed one is one failure', {}, 1, 'oops', '0/1'],
    ['counts are taken over', {}, 0, '3 passed, 0 failed', '3/0'],
    ['failures count even when the exit code is 0', {}, 0, '3 passed, 2 failed', '3/2'],
    ['a failed exit without a counted failure is one failure', {}, 1, '3 passed, 0 failed', '3/1'],
    ['a killed check is one failure', {}, null, '3 passed, 0 failed', '3/1'],
    ['a run of no test at all is a failure', {}, 0, '0 scenarios', '0/1'],
    ['a runner that prints no totals is a failure', { counts: true }, 0, '', '0/1'],
  ];
  for (const [name, check, code, output, expected] of cases) {
    it(name, () => {
      const { passed, failed } = judge(check, { code, output });
      assert.strictEqual(`${passed}/${failed}`, expected);
    });
  }
});

describe('runCommand', () => {
  it('collects output and errors, and gives no input', async () => {
    const { code, output } = await runCommand(
      'node -e console.error(require("fs").readFileSync(0).length);console.log("out");process.exit(3)',
    );
    assert.strictEqual(code, 3);
    assert.sameMembers(output.trim().split('\n'), ['0', 'out']);
  });

  it('says that a program does not exist', async () => {
    const { code, output } = await runCommand('no-such-program-anywhere');
    assert.isNull(code);
    assert.match(output, /ENOENT/);
  });

  it('ends a check that never ends', async () => {
    const { code, output } = await runCommand('node -e setInterval(()=>0,1000)', 0.005);
    assert.isNull(code);
    assert.match(output, /ended by SIGKILL; the limit is 0\.005 minutes/);
  });

  it('does not wait for what a check leaves running', async () => {
    const stray = 'console.log(require("child_process").spawn("sleep",["60"],{stdio:"inherit"}).pid);process.exit(0)';
    const { code, output } = await runCommand(`node -e ${stray}`);
    assert.strictEqual(code, 0);
    assert.isTrue(process.kill(Number(output), 'SIGKILL'), 'what it left was still running');
  });
});

describe('runChecks', () => {
  it('goes on after a failing check, shows what it printed and adds up', async () => {
    let printed = '';
    const total = await runChecks(
      [
        { name: 'bad', command: 'node -e console.log("the-reason");process.exit(1)' },
        // A command is split at spaces, so the program writes its own.
        { name: 'good one', command: String.raw`node -e console.log("5\x20passed,\x200\x20failed")` },
        { name: 'far', command: 'no-such-program', unless: () => 'clang is missing' },
      ],
      (text) => {
        printed += text;
      },
    );
    assert.deepEqual(total, { passed: 5, failed: 1, skipped: 1 });
    assert.match(printed, /^bad {7}FAILED +\d+\.\d s {2}0 passed, 1 failed\nthe-reason\n {2}again: npm test -- 'bad'\n/);
    assert.match(printed, /\ngood one {2}ok +\d+\.\d s {2}5 passed, 0 failed\nfar {7}skipped {2}clang is missing\n$/);
  });
});
