/**
 * Of node:http what its own clients here need. An ES import of that module runs the getter of each of its names, and one of them
 * loads all of undici, HTTP/2 and TLS: a third of what a short command takes to start.
 */
export const { Agent: HttpAgent, request: httpRequest } = process.getBuiltinModule('node:http');
