export { type Exchange, type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.ts';
export { freePort } from './free-port.ts';
export { type ServerCommand, type ServerProcess, serverFolder, startServer } from './server-process.ts';
