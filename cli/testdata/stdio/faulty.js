'use strict';
// Begins the program as the command begins itself, without a copy of the TypeScript compiler: tests begin it a hundred times.
require('../../../bin/typescript').register(false);
require('./faulty.ts');
