'use strict';
// How a checkout's TypeScript runs in the command, and drivers' in a lane: stripped by swc alone, as ts-node has it do. ts-node itself
// would load a copy of the TypeScript compiler for each thread, which is 40 MiB and a tenth of a second.
const { readFileSync } = require('node:fs');

/** @param {boolean} isDebugging Whether stacks show lines of the source: that costs a quarter of a second. */
exports.register = (isDebugging) => {
  process.setSourceMapsEnabled(isDebugging);
  // c8 counts lines of TypeScript with their help.
  const hasMaps = isDebugging || process.env['NODE_V8_COVERAGE'] !== undefined;

  /** @param {string} source @param {string} filename */
  function compile(source, filename) {
    const { transformSync } = require('@swc/core');
    const { code } = transformSync(source, {
      filename,
      swcrc: false,
      configFile: false,
      sourceMaps: hasMaps ? 'inline' : false,
      module: { type: 'commonjs', ignoreDynamic: true },
      jsc: { target: 'es2022', keepClassNames: true, parser: { syntax: 'typescript' } },
    });
    return code;
  }

  /** @param {any} module @param {string} filename */
  require.extensions['.ts'] = (module, filename) => module._compile(compile(readFileSync(filename, 'utf8'), filename), filename);
  // Whoever compiles more asks the instance of ts-node that is registered.
  Object.defineProperty(process, Symbol.for('ts-node.register.instance'), { value: { compile } });
};
