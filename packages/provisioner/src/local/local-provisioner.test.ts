import { it } from '@jest/globals';
import { provisionerConformance } from '../testing/conformance.js';
import { describeSandboxed, openLocalPlace } from './local-place.fixture.js';

describeSandboxed('the local provisioner', () => {
  for (const { name, run } of provisionerConformance(() => openLocalPlace())) it(name, run, 240_000);
});
