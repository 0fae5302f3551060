import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const LAYER_BYTES = 3 << 20;
const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/**
 * A registry with one image, of whatever name, with these labels and one file.
 * https://github.com/distribution/distribution/blob/main/docs/content/spec/api.md
 */
export class TestRegistry {
  private constructor(private readonly server: Server) {}

  static async start(labels: Readonly<Record<string, string>>): Promise<TestRegistry> {
    const blobs = blobsOf(labels);
    const server = createServer((request, response) => {
      const name = request.url?.split('/').at(-1) ?? '';
      const isManifest = request.url?.includes('/manifests/') === true;
      const content = isManifest ? blobs.manifest : blobs.byDigest.get(name);
      if (request.url === '/v2/') return void response.end('{}');
      if (content === undefined) return void response.writeHead(404).end();
      const type = isManifest ? MANIFEST_TYPE : 'application/octet-stream';
      const headers = { 'content-type': type, 'docker-content-digest': digestOf(content) };
      response.writeHead(200, { ...headers, 'content-length': content.length });
      response.end(request.method === 'HEAD' ? undefined : content);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TestRegistry(server);
  }

  /** An engine takes this address without TLS. */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

function blobsOf(labels: Readonly<Record<string, string>>) {
  const layer = tarOf('random', randomBytes(LAYER_BYTES));
  const zipped = gzipSync(layer);
  const rootfs = { type: 'layers', diff_ids: [digestOf(layer)] };
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Labels: labels }, rootfs, history: [{}] }),
  );
  const described = (mediaType: string, bytes: Buffer) => ({ mediaType, size: bytes.length, digest: digestOf(bytes) });
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: described('application/vnd.docker.container.image.v1+json', config),
    layers: [described('application/vnd.docker.image.rootfs.diff.tar.gzip', zipped)],
  };
  const byDigest = new Map([config, zipped].map((bytes) => [digestOf(bytes), bytes]));
  return { manifest: Buffer.from(JSON.stringify(manifest)), byDigest };
}

/** One file, as POSIX ustar has it. */
function tarOf(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  const fields: [number, string][] = [
    [0, name],
    [100, '0000644\0'],
    [108, '0000000\0'],
    [116, '0000000\0'],
    [124, `${content.length.toString(8).padStart(11, '0')}\0`],
    [136, '00000000000\0'],
    [148, ' '.repeat(8)],
    [156, '0'],
    [257, 'ustar\u000000'],
  ];
  for (const [at, text] of fields) header.write(text, at, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1_024)]);
}
