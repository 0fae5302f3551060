export { LiveStream, type LiveStreamOptions, type StreamAnswer, type StreamStatus } from './live-stream.js';
export type { Dial, SocketEvents, StreamSocket } from './stream-socket.js';
export { NumberedFeed, type FeedState, type Reducer } from './numbered-feed.js';
export { conversationFeed, conversationPath } from './conversation-feed.js';
export { TerminalFeed, type TerminalDisplay } from './terminal-feed.js';
export { TerminalLink, type TerminalLinkOptions, type TerminalSize } from './terminal-link.js';
