import { randomUUID } from 'node:crypto';
import { type DynamicModule, Module } from '@nestjs/common';
import { AgentKinds } from './agents/agent-kinds.js';
import { AgentSessionsService } from './agents/agent-sessions.service.js';
import { BOOT_ID, CONFIG, type WorkspaceRuntimeConfig } from './config.js';
import { ProjectFiles } from './files/project-files.js';
import { ProjectRoot } from './files/project-path.js';
import { ProjectGit } from './git/project-git.js';
import { RuntimeGrpc } from './runtime.grpc.js';
import { WorkspaceStats } from './stats/workspace-stats.js';
import { BoundaryCheck } from './status/boundary-check.js';
import { RuntimeStatusService } from './status/runtime-status.service.js';
import { StatusSignal } from './status/status-signal.js';
import { ProjectWatch } from './watch/project-watch.js';

@Module({})
export class WorkspaceRuntimeModule {
  static with(config: WorkspaceRuntimeConfig): DynamicModule {
    const { projectDirectory: directory, cgroup, agentPrefix: prefix, agentEnvironment: environment } = config;
    return {
      module: WorkspaceRuntimeModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: BOOT_ID, useValue: randomUUID() },
        { provide: ProjectRoot, useFactory: () => ProjectRoot.open(directory) },
        { provide: ProjectFiles, useFactory: (root: ProjectRoot) => new ProjectFiles(root), inject: [ProjectRoot] },
        { provide: ProjectWatch, useFactory: (root: ProjectRoot) => new ProjectWatch(root), inject: [ProjectRoot] },
        {
          provide: ProjectGit,
          useFactory: (root: ProjectRoot) => {
            const folder = prefix.length === 0 ? root.path : config.projectInside;
            return new ProjectGit({ boundary: { prefix, environment }, folder });
          },
          inject: [ProjectRoot],
        },
        { provide: WorkspaceStats, useValue: new WorkspaceStats({ cgroup, directory, now: () => Date.now() }) },
        { provide: AgentKinds, useFactory: () => new AgentKinds(config) },
        { provide: StatusSignal, useClass: StatusSignal },
        {
          provide: BoundaryCheck,
          useFactory: (changes: StatusSignal) => new BoundaryCheck({ prefix, environment }, changes),
          inject: [StatusSignal],
        },
        AgentSessionsService,
        RuntimeStatusService,
        RuntimeGrpc,
      ],
    };
  }
}
