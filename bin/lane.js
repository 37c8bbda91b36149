'use strict';
// Begins a worker thread of the command (cli/lanes/). A checkout's TypeScript, and that of drivers, is stripped by swc alone, as ts-node
// has it do: ts-node itself would load a copy of the TypeScript compiler for each thread, which is 40 MiB and a tenth of a second.
const { readFileSync } = require('node:fs');
const { workerData } = require('node:worker_threads');

// Lines of the source in every stack cost a quarter of a second.
const isDebugging = process.env['IOMMU_TCK_DEBUG'] !== undefined;
process.setSourceMapsEnabled(isDebugging);

/** @param {string} source @param {string} filename */
function compile(source, filename) {
  const { transformSync } = require('@swc/core');
  const { code } = transformSync(source, {
    filename,
    swcrc: false,
    configFile: false,
    sourceMaps: isDebugging ? 'inline' : false,
    module: { type: 'commonjs', ignoreDynamic: true },
    jsc: { target: 'es2022', keepClassNames: true, parser: { syntax: 'typescript' } },
  });
  return code;
}

/** @param {any} module @param {string} filename */
require.extensions['.ts'] = (module, filename) => module._compile(compile(readFileSync(filename, 'utf8'), filename), filename);
// Whoever compiles more asks the instance of ts-node that is registered.
Object.defineProperty(process, Symbol.for('ts-node.register.instance'), { value: { compile } });

/** @type {{ readonly entry: string }} */
const { entry } = workerData;
require(entry);
