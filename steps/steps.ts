/** All steps and parameter types, loaded for their effect on the registry. */
import './parameter-types';
import './act-phrases';
import './hyp-phrases';
import './driver.steps';
import './hyp.steps';
