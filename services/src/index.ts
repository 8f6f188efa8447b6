export { freePort } from './free-port.ts';
export { type ServerCommand, type ServerProcess, serverFolder, startServer } from './server-process.ts';
