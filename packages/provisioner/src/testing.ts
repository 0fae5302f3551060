export { provisionerConformance } from './testing/conformance.js';
export type {
  ComponentOfLaunch,
  ConformanceCase,
  ConformanceSubject,
  OpenSubject,
} from './testing/conformance-subject.js';
