'use strict';
// Begins a worker thread of the command (cli/lanes/). A checkout's TypeScript is stripped by swc alone, as ts-node has it do: ts-node
// itself would load a copy of the TypeScript compiler for each thread, which is 40 MiB and a tenth of a second.
const { workerData } = require('node:worker_threads');

/** @type {{ readonly entry: string }} */
const { entry } = workerData;
if (entry.endsWith('.ts')) loadTypeScript();
require(entry);

function loadTypeScript() {
  const { transformSync } = require('@swc/core');
  const { readFileSync } = require('node:fs');

  // Lines of the source in every stack cost a quarter of a second.
  const isDebugging = process.env['IOMMU_TCK_DEBUG'] !== undefined;

  /** @param {string} source @param {string} filename */
  const compile = (source, filename) =>
    transformSync(source, {
      filename,
      swcrc: false,
      configFile: false,
      sourceMaps: isDebugging ? 'inline' : false,
      module: { type: 'commonjs', ignoreDynamic: true },
      jsc: { target: 'es2022', keepClassNames: true, parser: { syntax: 'typescript' } },
    }).code;

  process.setSourceMapsEnabled(isDebugging);
  /** @param {any} module @param {string} filename */
  require.extensions['.ts'] = (module, filename) => module._compile(compile(readFileSync(filename, 'utf8'), filename), filename);
  // Whoever compiles more asks the instance of ts-node that is registered.
  Object.defineProperty(process, Symbol.for('ts-node.register.instance'), { value: { compile } });
}
