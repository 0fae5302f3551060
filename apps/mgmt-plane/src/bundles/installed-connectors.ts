import { source as anthropic } from '@aileron/connector-anthropic';
import { source as linear } from '@aileron/connector-linear';
import { compileConnector, type Connector } from '@aileron/connectors';
import { Injectable } from '@nestjs/common';

/** The connectors of this installation. One that does not compile ends the start. */
@Injectable()
export class InstalledConnectors {
  readonly all: readonly Connector[] = [anthropic, linear].map(compileConnector);
}
