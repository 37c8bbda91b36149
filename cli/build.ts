/** `npm run build`: compiles the project to dist/, which the published package runs. Packing builds it and removes it again. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runCommand } from '#cli/checks';

interface Package {
  readonly type: string;
  readonly imports: Readonly<Record<string, string>>;
}

async function build(): Promise<number> {
  rmSync('dist', { recursive: true, force: true });
  const { code, output } = await runCommand('tsc -p tsconfig.build.json');
  process.stdout.write(output);
  if (code !== 0) return 1;
  // The project's own imports name .ts files; the nearest package.json decides, so dist/ has one that names what was compiled.
  const { type, imports } = JSON.parse(readFileSync('package.json', 'utf8')) as Package;
  const compiled = Object.entries(imports).map(([name, path]) => [name, path.replace(/\.ts$/, '.js')]);
  writeFileSync('dist/package.json', `${JSON.stringify({ type, imports: Object.fromEntries(compiled) as unknown }, null, 2)}\n`);
  return 0;
}

void build().then((code) => {
  process.exitCode = code;
});
