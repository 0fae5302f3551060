import { randomUUID } from 'node:crypto';
import { type DynamicModule, Module } from '@nestjs/common';
import { BOOT_ID, CONFIG, type WorkspaceRuntimeConfig } from './config.js';
import { ProjectFiles } from './files/project-files.js';
import { ProjectRoot } from './files/project-path.js';
import { ProjectGit } from './git/project-git.js';
import { RuntimeGrpc } from './runtime.grpc.js';
import { WorkspaceStats } from './stats/workspace-stats.js';

@Module({})
export class WorkspaceRuntimeModule {
  static with(config: WorkspaceRuntimeConfig): DynamicModule {
    const { projectDirectory: directory, cgroup } = config;
    return {
      module: WorkspaceRuntimeModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: BOOT_ID, useValue: randomUUID() },
        { provide: ProjectRoot, useFactory: () => ProjectRoot.open(directory) },
        { provide: ProjectFiles, useFactory: (root: ProjectRoot) => new ProjectFiles(root), inject: [ProjectRoot] },
        { provide: ProjectGit, useFactory: (root: ProjectRoot) => new ProjectGit(root), inject: [ProjectRoot] },
        { provide: WorkspaceStats, useValue: new WorkspaceStats({ cgroup, directory, now: () => Date.now() }) },
        RuntimeGrpc,
      ],
    };
  }
}
