import { ERROR_TABLE, type Actor, type ErrorDefinition } from '../../packages/errors/dist/index.js';
import { generatedNote, type GeneratedFile } from './generated-file.ts';

export const ERROR_DOCS = 'docs/errors.md';

const ACTORS: Readonly<Record<Actor, string>> = {
  agent: 'the agent',
  user: 'the user',
  administrator: 'an administrator',
  operator: 'whoever runs the service',
  aileron: 'we: it is a defect',
};

const row = ([code, error]: readonly [string, ErrorDefinition]) =>
  `| \`${code}\` | ${error.http} | ${error.grpc} | ${error.exit} | ${ACTORS[error.actor]} | ${error.message} ${error.action} |`;

export function errorDocs(): GeneratedFile {
  const rows = Object.entries<ErrorDefinition>(ERROR_TABLE).map(row);
  const text = `${generatedNote('packages/errors/src/error-table.ts')}
# Errors

Every refusal and every failure of Aileron is one of these. Over HTTP it is a problem body (RFC 9457) whose \`code\` is the first column; over gRPC the status and
the code travel together; the command line ends with the exit code and prints the code with \`--json\`.

| code | HTTP | gRPC | exit | who can act | what happened, and what to do |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
  return { path: ERROR_DOCS, text };
}
