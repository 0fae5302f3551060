export { AileronSettings } from './aileron-settings.js';
export { inheritedEnvironment, ownEnvironment } from './inherited-environment.js';
export { loadConfig, type Environment } from './load-config.js';
export { PlatformSettings } from './platform-settings.js';
export { secret } from './secret-field.js';
