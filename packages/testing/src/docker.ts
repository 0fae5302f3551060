export { hasDocker, TestEngine } from './docker-engine.js';
export { workspaceImage } from './workspace-image.js';
