export { conformanceCases, type ConformanceCase } from './storage-conformance.js';
