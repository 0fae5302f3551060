import { LiveStream } from '@aileron/live-stream';
import { useEffect, useRef } from 'react';
import type { z } from 'zod';
import { dialEventSource, dialWebSocket, whenOnline } from './dial.js';

/** Listens to a stream without numbers while it is shown: after every new attachment it begins with `live`. */
export function useChanges<T>(path: string | null, schema: z.ZodType<T>, onChange: (change: T) => void): void {
  const handler = useRef(onChange);
  useEffect(() => {
    handler.current = onChange;
  });
  useEffect(() => {
    if (path === null) return undefined;
    const stream = new LiveStream({
      path: () => path,
      onMessage: (data) => {
        const parsed = typeof data === 'string' ? schema.safeParse(JSON.parse(data)) : null;
        if (parsed?.success === true) handler.current(parsed.data);
        return 'go-on';
      },
      onStatus: () => undefined,
      dials: [dialWebSocket, dialEventSource],
      wakes: whenOnline,
    });
    stream.start();
    return () => stream.stop();
  }, [path, schema]);
}
