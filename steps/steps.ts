/** All steps and parameter types, loaded for their effect on the registry. */
import './parameter-types';
import './act-phrases';
import './hyp-phrases';
import './riscv-phrases';
import './driver.steps';
import './hyp.steps';
import './riscv.steps';
