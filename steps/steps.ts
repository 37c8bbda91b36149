/** All steps and parameter types, loaded for their effect on the registry. */
import './parameter-types';
import './act-phrases';
import './hyp-phrases';
import './nesting-phrases';
import './iommufd-phrases';
import './driver.steps';
import './hyp.steps';
import './nesting.steps';
import './iommufd.steps';
