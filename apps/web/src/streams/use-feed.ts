import { type FeedState, LiveStream, type NumberedFeed, type StreamStatus } from '@aileron/live-stream';
import { useEffect, useState } from 'react';
import { dialEventSource, dialWebSocket, whenOnline } from './dial.js';

export interface Feed<V> extends FeedState<V> {
  readonly status: StreamStatus;
  readonly retryNow: () => void;
}

/**
 * Stays attached while it is shown. `make` makes the feed of `path`, anew when the path changes; the page is drawn at most
 * once a frame, however much comes.
 */
export function useFeed<V, E, S>(path: string, make: () => NumberedFeed<V, E, S>): Feed<V> {
  const [feed, setFeed] = useState(() => ({ path, feed: make() }));
  const [state, setState] = useState<FeedState<V>>(feed.feed.state);
  const [status, setStatus] = useState<StreamStatus>({ state: 'connecting' });
  const [stream, setStream] = useState<LiveStream | null>(null);
  if (feed.path !== path) {
    const next = { path, feed: make() };
    setFeed(next);
    setState(next.feed.state);
  }
  useEffect(() => {
    const numbered = feed.feed;
    let frame = 0;
    const draw = () => {
      frame = 0;
      setState(numbered.state);
    };
    const live = new LiveStream({
      path: () => numbered.attachPath(feed.path),
      onMessage: (data) => {
        const answer = typeof data === 'string' ? numbered.accept(data) : 'go-on';
        // A page in the background draws no frames.
        if (document.hidden) setState(numbered.state);
        else if (frame === 0) frame = requestAnimationFrame(draw);
        return answer;
      },
      onStatus: setStatus,
      dials: [dialWebSocket, dialEventSource],
      wakes: whenOnline,
    });
    setStream(live);
    live.start();
    return () => {
      cancelAnimationFrame(frame);
      live.stop();
    };
  }, [feed]);
  return { ...state, status, retryNow: () => stream?.retryNow() };
}
