import type { TemplateView } from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Template, type WorkspaceManagerConfig } from '../config.js';

/** What workspaces are made from. */
@Injectable()
export class TemplatesService {
  constructor(@Inject(CONFIG) private readonly config: Pick<WorkspaceManagerConfig, 'templates'>) {}

  list(): TemplateView[] {
    return this.config.templates.map((template, index) => ({ ...template, isDefault: index === 0 }));
  }

  /** @throws AileronError NOT_FOUND naming the field */
  get(name: string | undefined): Template {
    const { templates } = this.config;
    const found = name === undefined ? templates[0] : templates.find((template) => template.name === name);
    if (found !== undefined) return found;
    const fields = [{ field: 'template', message: 'is no template of this installation' }];
    throw new AileronError('NOT_FOUND', { fields });
  }

  /** Of a template that was taken away since: none. */
  agentsOf(name: string | null): readonly string[] {
    return this.config.templates.find((template) => template.name === name)?.agents ?? [];
  }
}
