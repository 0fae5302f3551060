// What holds an adapter to the port, for the tests of adapters and of whoever runs them.
export { agentConformance, type ConformanceCase } from './testing/conformance.js';
export { Talk, type ConformancePrompts, type ConformanceSubject } from './testing/conformance-subject.js';
export { EventRecorder } from './testing/event-recorder.js';
export { hostLauncher, type HostLauncherOptions } from './testing/host-launcher.js';
export { ManualClock } from './testing/manual-clock.js';
export { ProcessControl } from './testing/process-control.js';
