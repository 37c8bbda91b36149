/** The `iommu-tck` command. */
import { CommanderError } from 'commander';
import { complain } from './complain';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import { program } from './program';

/** Errors whose message is one line for the person who typed or wrote what is wrong. By name: their modules are not loaded for nothing. */
const FOR_PEOPLE: ReadonlyMap<string, ExitCode> = new Map([
  ['UsageError', EXIT.usage],
  ['FeatureError', EXIT.usage],
  ['RecordError', EXIT.harness],
]);

async function main(argv: readonly string[]): Promise<ExitCode> {
  let answered: ExitCode = EXIT.kept;
  const root = program((code) => {
    answered = code;
  });
  for (const command of [root, ...root.commands]) {
    command.exitOverride().configureOutput({ outputError: (text) => complain(hinted(text, command.name())) });
  }
  try {
    await root.parseAsync(argv);
    return answered;
  } catch (error) {
    return codeOf(error);
  }
}

/** Commander's own words, in our form: what is wrong, and what to type next. */
function hinted(text: string, command: string): string {
  const said = text.replace(/^error: /, '').trim();
  return `${said}; type ${command === 'iommu-tck' ? '' : 'iommu-tck '}${command} --help`;
}

function codeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.kept : EXIT.usage;
  const code = error instanceof Error ? FOR_PEOPLE.get(error.name) : undefined;
  if (code !== undefined) {
    complain((error as Error).message);
    return code;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  complain(
    `an error of the suite itself: ${process.env['IOMMU_TCK_DEBUG'] ? (stack ?? message) : message.split('\n', 1)[0]}; set IOMMU_TCK_DEBUG=1 to see where`,
  );
  return EXIT.harness;
}

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

void main(process.argv).then((code) => {
  process.exitCode = code;
});
